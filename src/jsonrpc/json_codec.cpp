#include "haive/mcp/jsonrpc/raw_json.hpp"

#include "jsonrpc/json_slice_parser.hpp"

// The one file that instantiates Boost.JSON's parser: with our own handler, because the library's
// (1.81) converts some doubles one unit in the last place off, and 1e400 to infinity.
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace haive::mcp {

namespace {

constexpr std::size_t max_depth = 512;

/// Exact up to the last bit, but for what is closer to zero than any double: that is zero.
/// False when no double is large enough.
bool read_double(std::string_view text, double approximately, double& out) noexcept {
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (ec == std::errc()) return end == text.data() + text.size();
    const bool underflow = std::isfinite(approximately) && std::abs(approximately) < 1.0;
    out = std::copysign(0.0, text.starts_with('-') ? -1.0 : 1.0);
    return underflow;
}

/// Builds a json::value from the parser's events.
class ValueBuilder {
public:
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();
    using Code = json::error_code;
    using Text = json::string_view;

    ValueBuilder() : stack_(json::storage_ptr(), scratch_.data(), scratch_.size()) { stack_.reset(); }

    [[nodiscard]] json::value take() { return stack_.release(); }
    /// Where the number that fits no double is, or null.
    [[nodiscard]] const char* huge_number() const noexcept { return huge_number_; }

    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code&) { return true; }
    bool on_object_end(std::size_t n, Code&) { return stack_.push_object(n), true; }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t n, Code&) { return stack_.push_array(n), true; }
    bool on_key_part(Text s, std::size_t, Code&) { return stack_.push_chars(s), true; }
    bool on_key(Text s, std::size_t, Code&) { return stack_.push_key(s), true; }
    bool on_string_part(Text s, std::size_t, Code&) { return stack_.push_chars(s), true; }
    bool on_string(Text s, std::size_t, Code&) { return stack_.push_string(s), true; }
    bool on_number_part(Text, Code&) { return true; }
    bool on_int64(std::int64_t i, Text, Code&) { return stack_.push_int64(i), true; }
    bool on_uint64(std::uint64_t u, Text, Code&) { return stack_.push_uint64(u), true; }
    bool on_double(double approximately, Text s, Code& ec) {
        double exact = 0;
        if (!read_double(std::string_view(s.data(), s.size()), approximately, exact)) {
            huge_number_ = s.data();
            ec = json::error::exponent_overflow;
            return false;
        }
        stack_.push_double(exact);
        return true;
    }
    bool on_bool(bool b, Code&) { return stack_.push_bool(b), true; }
    bool on_null(Code&) { return stack_.push_null(), true; }
    bool on_comment_part(Text, Code&) { return true; }
    bool on_comment(Text, Code&) { return true; }

private:
    // Small documents are built without a heap allocation of the builder's own.
    alignas(std::max_align_t) std::array<unsigned char, 2048> scratch_;
    json::value_stack stack_;
    const char* huge_number_ = nullptr;
};

std::string plain_words(const json::error_code& code) {
    if (code == json::error::exponent_overflow) return "a number too large for a double";
    if (code == json::error::too_deep) return "nested more than 512 levels deep";
    if (code == json::error::incomplete) return "the text ends too early";
    if (code == json::error::extra_data) return "more text behind the value";
    return code.message();
}

struct Failure {
    std::string what;
    std::size_t offset = 0;
};

bool parse_once(std::string_view text, json::value& out, Failure& failure) {
    json::parse_options options;
    options.max_depth = max_depth;
    json::basic_parser<ValueBuilder> parser(options);
    json::error_code code;
    std::size_t used = parser.write_some(false, text.data(), text.size(), code);
    if (!code && used < text.size()) code = json::error::extra_data;
    if (!code) {
        out = parser.handler().take();
        return true;
    }
    if (const char* huge = parser.handler().huge_number()) {
        used = static_cast<std::size_t>(huge - text.data());
    }
    failure.what = plain_words(code);
    failure.offset = std::min(used, text.size());
    return false;
}

bool is_low_surrogate(int unit) { return unit >= 0xdc00 && unit <= 0xdfff; }
bool is_high_surrogate(int unit) { return unit >= 0xd800 && unit <= 0xdbff; }

/// Puts `\ufffd` in the place of every `\udXXX` that is no half of a pair. True when there was one.
bool replace_lone_surrogates(std::string& text) {
    bool changed = false;
    const char* const end = text.data() + text.size();
    for (std::size_t i = text.find('\\'); i != std::string::npos; i = text.find('\\', i)) {
        const bool unicode = i + 1 < text.size() && text[i + 1] == 'u';
        const int unit = unicode ? hex_code_unit(text.data() + i + 2, end) : -1;
        if (unit < 0) {
            i += 2;
            continue;
        }
        const bool escape_follows = i + 7 < text.size() && text[i + 6] == '\\' && text[i + 7] == 'u';
        if (is_high_surrogate(unit) && escape_follows && is_low_surrogate(hex_code_unit(text.data() + i + 8, end))) {
            i += 12;
            continue;
        }
        if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
            text.replace(i + 2, 4, "fffd");
            changed = true;
        }
        i += 6;
    }
    return changed;
}

/// The offset in `text` of what stands at `repaired` in its repaired copy, where bad bytes take three.
std::size_t offset_before_repair(std::string_view text, std::size_t repaired) {
    const char* p = text.data();
    const char* const end = p + text.size();
    for (std::size_t copied = 0; copied < repaired && p != end;) {
        const std::size_t length = utf8_length(p, end);
        copied += length == 0 ? 3 : length;
        p += length == 0 ? 1 : length;
    }
    return static_cast<std::size_t>(p - text.data());
}

/// A few bytes around `offset`, made printable.
std::string excerpt(std::string_view text, std::size_t offset) {
    constexpr std::size_t before = 20, length = 40;
    const std::size_t from = offset > before ? offset - before : 0;
    std::string out(text.substr(from, length));
    for (char& c : out) {
        if (c < 0x20 || c > 0x7e) c = '.';
    }
    return out;
}

}  // namespace

Result<json::value> parse_json(std::string_view text) {
    json::value value;
    Failure failure;
    if (parse_once(text, value, failure)) return value;

    std::string repaired;
    const std::size_t bad_bytes = append_valid_utf8(repaired, text);
    if (replace_lone_surrogates(repaired) || bad_bytes != 0) {
        if (parse_once(repaired, value, failure)) return value;
        if (bad_bytes != 0) failure.offset = offset_before_repair(text, failure.offset);
    }
    return Error(ErrorKind::protocol_violation,
                 "not valid JSON: " + failure.what + ", at byte " + std::to_string(failure.offset) +
                     (text.empty() ? " (the text is empty)" : " near `" + excerpt(text, failure.offset) + "`"),
                 Disposition::executed);
}

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    const char* p = text.data();
    const char* const end = p + text.size();
    const char* good = p;  // needs no escape, and is not yet appended, from here to p
    while (p != end) {
        const auto c = static_cast<unsigned char>(*p);
        if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
            ++p;
            continue;
        }
        const std::size_t length = c < 0x80 ? 0 : utf8_length(p, end);
        if (length != 0) {
            p += length;
            continue;
        }
        out.append(good, p);
        good = ++p;
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (c >= 0x80) {
                    out += "\xef\xbf\xbd";
                } else {
                    out += "\\u00";
                    out += hex[c >> 4];
                    out += hex[c & 15];
                }
        }
    }
    out.append(good, end);
    out += '"';
}

}  // namespace haive::mcp
