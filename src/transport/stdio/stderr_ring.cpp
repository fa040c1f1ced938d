#include "transport/stdio/stderr_ring.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

std::size_t sequence_length(unsigned char c) {
    return c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
}

bool continues(std::string_view text, std::size_t at, std::size_t length) {
    if (length == 0 || at + length > text.size()) return false;
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[at + i]) & 0xc0U) != 0x80U) return false;
    }
    return true;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        // Colour codes say nothing in an error text: leave the whole sequence out.
        if (c == 0x1b && i + 1 < text.size() && text[i + 1] == '[') {
            std::size_t end = i + 2;
            while (end < text.size() && (text[end] < '@' || text[end] > '~')) ++end;
            i = end + 1;
            continue;
        }
        const std::size_t length = sequence_length(c);
        if (!continues(text, i, length)) {
            out += "\xef\xbf\xbd";
            ++i;
        } else {
            const bool control = length == 1 && (c < 0x20 || c == 0x7f) && c != '\n' && c != '\t';
            if (!control) {
                out.append(text.substr(i, length));
            } else if (c != '\r') {
                out += '?';
            }
            i += length;
        }
    }
    return out;
}

void StderrRing::add(std::string_view bytes) {
    total_ += bytes.size();
    if (capacity_ == 0) return;
    if (bytes.size() > capacity_) bytes.remove_prefix(bytes.size() - capacity_);
    const std::size_t room = capacity_ - bytes_.size();
    const std::size_t appended = std::min(room, bytes.size());
    bytes_.append(bytes.substr(0, appended));
    bytes.remove_prefix(appended);
    while (!bytes.empty()) {
        const std::size_t n = std::min(bytes.size(), capacity_ - next_);
        bytes_.replace(next_, n, bytes.substr(0, n));
        next_ = (next_ + n) % capacity_;
        bytes.remove_prefix(n);
    }
}

std::string StderrRing::tail(std::size_t max_lines, std::size_t max_bytes) const {
    std::string all = bytes_.size() < capacity_ ? bytes_ : bytes_.substr(next_) + bytes_.substr(0, next_);
    while (!all.empty() && (all.back() == '\n' || all.back() == '\r')) all.pop_back();
    std::size_t from = all.size() - std::min(all.size(), max_bytes);
    std::size_t lines = 0;
    for (std::size_t at = all.size(); at > from; --at) {
        if (all[at - 1] == '\n' && ++lines == max_lines) {
            from = at;
            break;
        }
    }
    return printable(std::string_view(all).substr(from));
}

}  // namespace haive::mcp
