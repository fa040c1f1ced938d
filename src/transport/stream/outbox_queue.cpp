#include "transport/stream/outbox_queue.hpp"

namespace haive::mcp {

void OutboxQueue::push(std::string frame, std::uint64_t id) {
    frame += '\n';
    bytes_ += frame.size();
    frames_.push_back(Frame{std::move(frame), id});
}

bool OutboxQueue::withdraw(std::uint64_t id) {
    const std::size_t first = head_ + (sent_ > 0 ? 1 : 0);
    for (std::size_t i = first; i < frames_.size(); ++i) {
        if (frames_[i].id != id) continue;
        bytes_ -= frames_[i].bytes.size();
        frames_.erase(frames_.begin() + static_cast<std::ptrdiff_t>(i));
        return true;
    }
    return false;
}

std::size_t OutboxQueue::gather(std::span<std::string_view> pieces) const {
    std::size_t count = 0;
    std::size_t offset = sent_;
    for (std::size_t i = head_; i < frames_.size() && count < pieces.size(); ++i) {
        pieces[count++] = std::string_view(frames_[i].bytes).substr(offset);
        offset = 0;
    }
    return count;
}

void OutboxQueue::pop() {
    bytes_ -= frames_[head_].bytes.size();
    sent_ = 0;
    frames_[head_].bytes = std::string();
    ++head_;
    if (head_ == frames_.size()) {
        frames_.clear();
        head_ = 0;
        if (frames_.capacity() > 1024) frames_.shrink_to_fit();
    } else if (head_ >= 256 && head_ * 2 >= frames_.size()) {
        frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }
}

void OutboxQueue::clear() {
    frames_.clear();
    head_ = sent_ = bytes_ = 0;
}

}  // namespace haive::mcp
