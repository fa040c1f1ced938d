#include "transport/stream/line_parser.hpp"

#include <algorithm>
#include <cstring>

namespace haive::mcp {

const char* LineParser::find_newline(const char* from, const char* end) noexcept {
    return static_cast<const char*>(std::memchr(from, '\n', static_cast<std::size_t>(end - from)));
}

void LineParser::keep(const char* from, const char* end) {
    const auto size = static_cast<std::size_t>(end - from);
    if (discarding_) {
        discard(from, end);
        return;
    }
    if (partial_.size() + size <= max_line_) {
        partial_.append(from, end);
        return;
    }
    // Over the cap: keep the first bytes, forget the middle, remember the last ones.
    discarding_ = true;
    discarded_ = partial_.size();
    tail_.assign(partial_, partial_.size() - std::min(partial_.size(), end_kept));
    if (partial_.size() < end_kept) partial_.append(from, std::min(size, end_kept - partial_.size()));
    std::string head = partial_.substr(0, end_kept);
    partial_ = std::move(head);
    discard(from, end);
}

void LineParser::discard(const char* from, const char* end) {
    const auto size = static_cast<std::size_t>(end - from);
    discarded_ += size;
    const std::size_t taken = std::min(size, end_kept);
    tail_.append(end - taken, taken);
    if (tail_.size() > end_kept) tail_.erase(0, tail_.size() - end_kept);
}

std::string_view LineParser::padded_partial() {
    const std::size_t size = partial_.size();
    partial_.append(slack, ' ');
    return {partial_.data(), size};
}

void LineParser::release_partial() {
    if (partial_.capacity() > keep_capacity) {
        partial_ = std::string();
    } else {
        partial_.clear();
    }
    tail_.clear();
    discarded_ = 0;
}

}  // namespace haive::mcp
