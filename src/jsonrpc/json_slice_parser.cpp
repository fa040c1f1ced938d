#include "jsonrpc/json_slice_parser.hpp"

#include <array>
#include <bit>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace haive::mcp {

namespace {

constexpr std::size_t max_depth = 512;
constexpr std::string_view replacement = "\xef\xbf\xbd";

/// Where a walk failed; `what` is null as long as it has not.
struct Trouble {
    const char* what = nullptr;
    const char* at = nullptr;

    const char* stop(const char* text, const char* where) noexcept {
        what = text;
        at = where;
        return nullptr;
    }
};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

const char* skip_space(const char* p, const char* end) noexcept {
    while (p != end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')) ++p;
    return p;
}

constexpr std::uint64_t each_byte(unsigned char c) noexcept { return 0x0101010101010101ULL * c; }

/// Marks, among eight bytes, those that end the plain part of a string: quote, backslash, control.
constexpr std::uint64_t string_marks(std::uint64_t x) noexcept {
    const std::uint64_t quote = x ^ each_byte('"');
    const std::uint64_t slash = x ^ each_byte('\\');
    const std::uint64_t low = (x - each_byte(0x20)) & ~x;
    const std::uint64_t found = ((quote - each_byte(1)) & ~quote) | ((slash - each_byte(1)) & ~slash) | low;
    return found & each_byte(0x80);
}

#ifdef __SSE2__
/// Sixteen bytes at once, which every x86-64 has: a mask of those that `string_marks` would mark. Exact.
unsigned string_marks_of_16(const char* p) noexcept {
    const __m128i x = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
    const __m128i slash = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1f)), x);
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), low)));
}
#endif

const char* skip_plain(const char* p, const char* end) noexcept {
#ifdef __SSE2__
    while (end - p >= 16) {
        if (const unsigned marks = string_marks_of_16(p)) return p + std::countr_zero(marks);
        p += 16;
    }
#endif
    if constexpr (std::endian::native == std::endian::little) {
        while (end - p >= 8) {
            std::uint64_t x = 0;
            std::memcpy(&x, p, 8);
            if (const std::uint64_t marks = string_marks(x)) return p + std::countr_zero(marks) / 8;
            p += 8;
        }
    }
    while (p != end && *p != '"' && *p != '\\' && static_cast<unsigned char>(*p) >= 0x20) ++p;
    return p;
}

/// From behind the opening quote to behind the closing one.
const char* skip_string(const char* p, const char* end, Trouble& trouble) noexcept {
    for (;;) {
        p = skip_plain(p, end);
        if (p == end) return trouble.stop("a string does not end", p);
        if (*p == '"') return p + 1;
        if (*p != '\\') return trouble.stop("a control character in a string", p);
        if (++p == end) return trouble.stop("a string does not end", p);
        if (*p == 'u') {
            if (hex_code_unit(p + 1, end) < 0) return trouble.stop("a bad \\u escape", p);
            p += 5;
        } else if (std::string_view("\"\\/bfnrt").find(*p) != std::string_view::npos) {
            ++p;
        } else {
            return trouble.stop("an unknown escape", p);
        }
    }
}

const char* skip_digits(const char* p, const char* end, Trouble& trouble) noexcept {
    if (p == end || !is_digit(*p)) return trouble.stop("a number lacks a digit", p);
    while (p != end && is_digit(*p)) ++p;
    return p;
}

const char* skip_number(const char* p, const char* end, Trouble& trouble) noexcept {
    if (*p == '-') ++p;
    if (p != end && *p == '0') {
        ++p;
    } else if ((p = skip_digits(p, end, trouble)) == nullptr) {
        return nullptr;
    }
    if (p != end && *p == '.' && (p = skip_digits(p + 1, end, trouble)) == nullptr) return nullptr;
    if (p != end && (*p == 'e' || *p == 'E')) {
        ++p;
        if (p != end && (*p == '+' || *p == '-')) ++p;
        if ((p = skip_digits(p, end, trouble)) == nullptr) return nullptr;
    }
    return p;
}

const char* skip_scalar(const char* p, const char* end, Trouble& trouble) noexcept {
    if (*p == '"') return skip_string(p + 1, end, trouble);
    if (*p == '-' || is_digit(*p)) return skip_number(p, end, trouble);
    const std::string_view rest(p, static_cast<std::size_t>(end - p));
    for (const std::string_view word : {"true", "false", "null"}) {
        if (rest.starts_with(word)) return p + word.size();
    }
    return trouble.stop("not a JSON value", p);
}

/// From a key's opening quote to behind its colon.
const char* skip_key(const char* p, const char* end, Trouble& trouble) noexcept {
    if (p == end || *p != '"') return trouble.stop("a key is missing", p);
    p = skip_string(p + 1, end, trouble);
    if (p == nullptr) return nullptr;
    p = skip_space(p, end);
    return p != end && *p == ':' ? p + 1 : trouble.stop("a colon is missing", p);
}

/// Which brackets are open: one bit a level, set for an object.
class Nesting {
public:
    [[nodiscard]] bool push(bool object) noexcept {
        if (depth_ == max_depth) return false;
        const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
        bits_[depth_ / 64] = object ? bits_[depth_ / 64] | bit : bits_[depth_ / 64] & ~bit;
        ++depth_;
        return true;
    }
    void pop() noexcept { --depth_; }
    [[nodiscard]] bool empty() const noexcept { return depth_ == 0; }
    [[nodiscard]] bool in_object() const noexcept { return (bits_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64) & 1) != 0; }

private:
    std::size_t depth_ = 0;
    std::array<std::uint64_t, max_depth / 64> bits_;  // only bits below depth_ are ever read
};

/// From the first character of a bracketed value to behind its last.
const char* skip_brackets(const char* p, const char* end, Trouble& trouble) noexcept {
    Nesting open;
    for (;;) {  // a value begins at p
        if (p == end) return trouble.stop("a value is missing", p);
        if (*p == '{' || *p == '[') {
            const bool object = *p == '{';
            if (!open.push(object)) return trouble.stop("nested more than 512 levels deep", p);
            p = skip_space(p + 1, end);
            const bool closed = p != end && *p == (object ? '}' : ']');
            if (!closed) {
                if (object && (p = skip_key(p, end, trouble)) == nullptr) return nullptr;
                p = skip_space(p, end);
                continue;
            }
            ++p;
            open.pop();
        } else if ((p = skip_scalar(p, end, trouble)) == nullptr) {
            return nullptr;
        }
        for (;;) {  // a value ended before p
            if (open.empty()) return p;
            p = skip_space(p, end);
            if (p == end) return trouble.stop("an object or array does not end", p);
            if (*p == ',') break;
            if (*p != (open.in_object() ? '}' : ']')) return trouble.stop("a comma or bracket is missing", p);
            ++p;
            open.pop();
        }
        p = skip_space(p + 1, end);
        if (open.in_object()) {
            if ((p = skip_key(p, end, trouble)) == nullptr) return nullptr;
            p = skip_space(p, end);
        }
    }
}

const char* skip_value(const char* p, const char* end, Trouble& trouble) noexcept {
    if (p == end) return trouble.stop("a value is missing", p);
    return *p == '{' || *p == '[' ? skip_brackets(p, end, trouble) : skip_scalar(p, end, trouble);
}

std::string_view between(const char* from, const char* to) noexcept {
    return {from, static_cast<std::size_t>(to - from)};
}

void append_code_point(std::string& out, std::uint32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xe0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | c >> 18);
        out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (c & 0x3f));
    }
}

/// A `\u` escape, or two that are a pair; `p` is at its first digit. Returns the position behind it.
const char* append_unicode_escape(std::string& out, const char* p, const char* end) {
    const int unit = hex_code_unit(p, end);
    if (unit < 0) return nullptr;
    p += 4;
    if (unit < 0xd800 || unit > 0xdfff) {
        append_code_point(out, static_cast<std::uint32_t>(unit));
        return p;
    }
    if (unit < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
        const int low = hex_code_unit(p + 2, end);
        if (low >= 0xdc00 && low <= 0xdfff) {
            append_code_point(out, 0x10000U + (static_cast<std::uint32_t>(unit - 0xd800) << 10) +
                                       static_cast<std::uint32_t>(low - 0xdc00));
            return p + 6;
        }
    }
    out += replacement;
    return p;
}

}  // namespace

JsonType json_type(std::string_view value) noexcept {
    if (value.empty()) return JsonType::none;
    switch (value.front()) {
        case '{': return JsonType::object;
        case '[': return JsonType::array;
        case '"': return JsonType::string;
        case 't':
        case 'f': return JsonType::boolean;
        case 'n': return JsonType::null;
        default: return value.front() == '-' || is_digit(value.front()) ? JsonType::number : JsonType::none;
    }
}

JsonFault check_json(std::string_view text) noexcept {
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    Trouble trouble;
    const char* p = skip_value(skip_space(begin, end), end, trouble);
    if (p != nullptr && (p = skip_space(p, end)) != end) trouble.stop("more text behind the value", p);
    JsonFault fault;
    fault.what = trouble.what;
    fault.offset = trouble.what == nullptr ? 0 : static_cast<std::size_t>(trouble.at - begin);
    return fault;
}

JsonObjectSlices::JsonObjectSlices(std::string_view object) noexcept
    : begin_(object.data()), at_(begin_), end_(begin_ + object.size()) {}

bool JsonObjectSlices::stop(const char* what, const char* at) noexcept {
    ended_ = true;
    fault_.what = what;
    fault_.offset = static_cast<std::size_t>(at - begin_);
    return false;
}

bool JsonObjectSlices::next() {
    if (ended_) return false;
    const char* p = skip_space(at_, end_);
    const bool first = !started_;
    if (first) {
        if (p == end_ || *p != '{') return stop("not an object", p);
        started_ = true;
        p = skip_space(p + 1, end_);
    }
    if (p == end_) return stop("an object does not end", p);
    if (*p == '}') {
        ended_ = true;
        p = skip_space(p + 1, end_);
        return p == end_ ? false : stop("more text behind the object", p);
    }
    if (!first) {
        if (*p != ',') return stop("a comma or bracket is missing", p);
        p = skip_space(p + 1, end_);
    }
    Trouble trouble;
    const char* const key = p;
    if (p == end_ || *p != '"') return stop("a key is missing", p);
    if ((p = skip_string(p + 1, end_, trouble)) == nullptr) return stop(trouble.what, trouble.at);
    key_ = between(key + 1, p - 1);
    if (key_.find('\\') != std::string_view::npos) {
        if (!decode_json_string(between(key, p), decoded_key_)) return stop("a bad key", key);
        key_ = decoded_key_;
    }
    p = skip_space(p, end_);
    if (p == end_ || *p != ':') return stop("a colon is missing", p);
    p = skip_space(p + 1, end_);
    at_ = skip_value(p, end_, trouble);
    if (at_ == nullptr) return stop(trouble.what, trouble.at);
    value_ = between(p, at_);
    return true;
}

JsonArraySlices::JsonArraySlices(std::string_view array) noexcept
    : begin_(array.data()), at_(begin_), end_(begin_ + array.size()) {}

bool JsonArraySlices::stop(const char* what, const char* at) noexcept {
    ended_ = true;
    fault_.what = what;
    fault_.offset = static_cast<std::size_t>(at - begin_);
    return false;
}

bool JsonArraySlices::next() noexcept {
    if (ended_) return false;
    const char* p = skip_space(at_, end_);
    if (count_ == 0) {
        if (p == end_ || *p != '[') return stop("not an array", p);
        p = skip_space(p + 1, end_);
    }
    if (p == end_) return stop("an array does not end", p);
    if (*p == ']') {
        ended_ = true;
        p = skip_space(p + 1, end_);
        return p == end_ ? false : stop("more text behind the array", p);
    }
    if (count_ != 0) {
        if (*p != ',') return stop("a comma or bracket is missing", p);
        p = skip_space(p + 1, end_);
    }
    Trouble trouble;
    at_ = skip_value(p, end_, trouble);
    if (at_ == nullptr) return stop(trouble.what, trouble.at);
    value_ = between(p, at_);
    ++count_;
    return true;
}

int hex_code_unit(const char* at, const char* end) noexcept {
    if (end - at < 4) return -1;
    int unit = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = at[i];
        const char lower = static_cast<char>(c | 0x20);
        if (is_digit(c)) {
            unit = unit * 16 + (c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            unit = unit * 16 + (lower - 'a' + 10);
        } else {
            return -1;
        }
    }
    return unit;
}

std::size_t utf8_length(const char* at, const char* end) noexcept {
    const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    const auto left = static_cast<std::size_t>(end - at);
    if (left == 0) return 0;
    const unsigned char c = byte(0);
    if (c < 0x80) return 1;
    if (c < 0xc2 || c > 0xf4) return 0;
    if (c < 0xe0) return left >= 2 && follows(1) ? 2 : 0;
    if (c < 0xf0) {
        if (left < 3 || !follows(1) || !follows(2)) return 0;
        const bool overlong = c == 0xe0 && byte(1) < 0xa0;
        const bool surrogate = c == 0xed && byte(1) >= 0xa0;
        return overlong || surrogate ? 0 : 3;
    }
    if (left < 4 || !follows(1) || !follows(2) || !follows(3)) return 0;
    const bool overlong = c == 0xf0 && byte(1) < 0x90;
    const bool too_large = c == 0xf4 && byte(1) >= 0x90;
    return overlong || too_large ? 0 : 4;
}

std::size_t append_valid_utf8(std::string& out, std::string_view bytes) {
    std::size_t replaced = 0;
    const char* p = bytes.data();
    const char* const end = p + bytes.size();
    const char* good = p;  // checked, and not yet appended, from here to p
    while (p != end) {
#ifdef __SSE2__
        if (end - p >= 16 && _mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))) == 0) {
            p += 16;
            continue;
        }
#endif
        std::uint64_t x = 0;
        if (end - p >= 8) {
            std::memcpy(&x, p, 8);
            if ((x & each_byte(0x80)) == 0) {
                p += 8;
                continue;
            }
        }
        if (const std::size_t length = utf8_length(p, end)) {
            p += length;
            continue;
        }
        out.append(good, p);
        out += replacement;
        ++replaced;
        good = ++p;
    }
    out.append(good, end);
    return replaced;
}

bool decode_json_string(std::string_view literal, std::string& out) {
    out.clear();
    if (literal.size() < 2 || literal.front() != '"' || literal.back() != '"') return false;
    const std::string_view body = literal.substr(1, literal.size() - 2);
    const char* p = body.data();
    const char* const end = p + body.size();
    for (;;) {
        const char* const plain = p;
        p = skip_plain(p, end);
        append_valid_utf8(out, between(plain, p));
        if (p == end) return true;
        if (*p != '\\' || ++p == end) return false;
        switch (*p++) {
            case '"': out += '"'; break;
            case '\\': out += '\\'; break;
            case '/': out += '/'; break;
            case 'b': out += '\b'; break;
            case 'f': out += '\f'; break;
            case 'n': out += '\n'; break;
            case 'r': out += '\r'; break;
            case 't': out += '\t'; break;
            case 'u':
                if ((p = append_unicode_escape(out, p, end)) == nullptr) return false;
                break;
            default: return false;
        }
    }
}

}  // namespace haive::mcp
