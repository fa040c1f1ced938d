#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace haive::mcp {

/// A line that was longer than allowed: its ends, for a guess at whose answer it was.
struct OverlongLine {
    std::string_view head;
    std::string_view tail;
    std::size_t size = 0;
};

/// Cuts a byte stream into lines. Pure. Whole lines inside a block are not copied; only the piece that a
/// block ends in is. A line over the cap is thrown away to its newline, keeping 512 bytes of each end.
class LineParser {
public:
    explicit LineParser(std::size_t max_line) noexcept : max_line_(max_line) {}

    /// Calls `on_line(std::string_view)` for each line (no newline, no trailing CR; 64 readable bytes
    /// behind it) and `on_overlong(OverlongLine)`. Either may return false to stop: the rest of the block
    /// is dropped. `data` must have 64 readable bytes behind it.
    template <class OnLine, class OnOverlong>
    void feed(const char* data, std::size_t size, OnLine&& on_line, OnOverlong&& on_overlong);

    /// Bytes of the line that is not complete yet.
    [[nodiscard]] std::size_t pending() const noexcept { return discarding_ ? discarded_ : partial_.size(); }

private:
    static constexpr std::size_t end_kept = 512;
    static constexpr std::size_t slack = 64;
    static constexpr std::size_t keep_capacity = std::size_t{256} << 10;

    static std::string_view without_cr(std::string_view line) noexcept {
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        return line;
    }
    static const char* find_newline(const char* from, const char* end) noexcept;
    void keep(const char* from, const char* end);
    void discard(const char* from, const char* end);
    std::string_view padded_partial();
    void release_partial();

    std::size_t max_line_;
    std::string partial_;
    std::string tail_;
    std::size_t discarded_ = 0;
    bool discarding_ = false;
};

template <class OnLine, class OnOverlong>
void LineParser::feed(const char* data, std::size_t size, OnLine&& on_line, OnOverlong&& on_overlong) {
    const char* const end = data + size;
    const char* from = data;
    while (from != end) {
        const char* newline = find_newline(from, end);
        if (newline == nullptr) {
            keep(from, end);
            return;
        }
        bool go_on = true;
        const bool over = partial_.size() + static_cast<std::size_t>(newline - from) > max_line_;
        if (discarding_ || over) {
            keep(from, newline);
            go_on = on_overlong(OverlongLine{partial_, tail_, discarded_});
            discarding_ = false;
            release_partial();
        } else if (partial_.empty()) {
            go_on = on_line(without_cr(std::string_view(from, static_cast<std::size_t>(newline - from))));
        } else {
            partial_.append(from, newline);
            go_on = on_line(without_cr(padded_partial()));
            release_partial();
        }
        if (!go_on) return;
        from = newline + 1;
    }
}

}  // namespace haive::mcp
