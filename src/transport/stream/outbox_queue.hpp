#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// Frames that wait for the pipe, in order. Pure. It knows which frame the kernel has taken how much of,
/// so the verdict on each is exact: a frame that lacks a byte of its JSON cannot have been executed; one
/// that lacks only its newline can (a reader may take it at end of file).
class OutboxQueue {
public:
    /// Appends a frame; the newline is added here. `id` 0 for frames that nobody waits for.
    void push(std::string frame, std::uint64_t id);
    /// Forgets a frame of which no byte has gone out. False if it is not here or was begun.
    bool withdraw(std::uint64_t id);

    /// The next pieces to write, at most as many as fit `pieces`; how many were filled.
    std::size_t gather(std::span<std::string_view> pieces) const;
    /// `bytes` more were taken. Calls `written(id)` for each frame whose JSON is now wholly out.
    template <class Written>
    void consume(std::size_t bytes, Written&& written) {
        while (bytes > 0) {
            Frame& frame = frames_[head_];
            const std::size_t left = frame.bytes.size() - sent_;
            const std::size_t taken = bytes < left ? bytes : left;
            const std::size_t json_size = frame.bytes.size() - 1;
            const bool was_out = sent_ >= json_size;
            sent_ += taken;
            bytes -= taken;
            if (!was_out && sent_ >= json_size && frame.id != 0) written(frame.id);
            if (sent_ == frame.bytes.size()) pop();
        }
    }

    [[nodiscard]] bool empty() const noexcept { return head_ == frames_.size(); }
    /// Bytes not yet taken.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_ - sent_; }
    /// True when a frame is half out: it must be completed or the stream closed.
    [[nodiscard]] bool mid_frame() const noexcept { return sent_ > 0; }
    void clear();

private:
    struct Frame {
        std::string bytes;
        std::uint64_t id;
    };
    void pop();

    std::vector<Frame> frames_;
    std::size_t head_ = 0;
    std::size_t sent_ = 0;   // of the frame at head_
    std::size_t bytes_ = 0;  // of all frames
};

}  // namespace haive::mcp
