#include "transport/stdio/stderr_ring.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

/// Bytes of the UTF-8 sequence at the front of `text` (RFC 3629), or 0 when there is none.
std::size_t sequence_at(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return 1;
    const std::size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[i])) return 0;
    }
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    const auto second = static_cast<unsigned char>(text[1]);
    if (first == 0xe0 && second < 0xa0) return 0;
    if (first == 0xed && second > 0x9f) return 0;
    if (first == 0xf0 && second < 0x90) return 0;
    if (first == 0xf4 && second > 0x8f) return 0;
    return length;
}

bool is_control(std::string_view sequence) {
    const auto first = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 1) return (first < 0x20 && first != '\n' && first != '\t') || first == 0x7f;
    return first == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;  // C1: U+0080..U+009F
}

/// The end of a colour code that starts at `at`: after its final byte, or where it stops being one.
std::size_t end_of_colour(std::string_view text, std::size_t at) {
    std::size_t end = at + 2;
    while (end < text.size() && text[end] >= 0x20 && text[end] < 0x40) ++end;
    return end < text.size() && text[end] >= '@' && text[end] <= '~' ? end + 1 : end;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        if (text.substr(i).starts_with("\x1b[")) {
            i = end_of_colour(text, i);  // colours say nothing in an error text
            continue;
        }
        const std::size_t length = sequence_at(text.substr(i));
        if (length == 0) {
            out += replacement;
            ++i;
            continue;
        }
        const std::string_view sequence = text.substr(i, length);
        if (!is_control(sequence)) {
            out += sequence;
        } else if (sequence != "\r") {
            out += '?';
        }
        i += length;
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
    if (max_lines == 0) return {};
    std::size_t lines = 0;
    for (std::size_t at = all.size(); at > from; --at) {
        if (all[at - 1] == '\n' && ++lines == max_lines) {
            from = at;
            break;
        }
    }
    std::string shown = printable(std::string_view(all).substr(from));
    if (shown.size() > max_bytes) {  // replaced bytes grew: cut again, between characters
        shown.erase(0, shown.size() - max_bytes);
        std::size_t start = 0;
        while (start < shown.size() && is_continuation(shown[start])) ++start;
        shown.erase(0, start);
    }
    return shown;
}

}  // namespace haive::mcp
