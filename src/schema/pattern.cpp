#include "schema/pattern.hpp"

#include <re2/re2.h>

#include <array>
#include <charconv>
#include <utility>

namespace haive::mcp::schema {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> long_names{{
    {"{Letter}", "{L}"},
    {"{Lowercase_Letter}", "{Ll}"},
    {"{Uppercase_Letter}", "{Lu}"},
    {"{Number}", "{N}"},
    {"{Decimal_Number}", "{Nd}"},
    {"{Punctuation}", "{P}"},
    {"{digit}", "{Nd}"},
}};

bool are_hex(std::string_view text, std::size_t count) {
    return text.size() >= count &&
           text.substr(0, count).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// After a backslash: appends what RE2 calls it, and gives how much of `rest` that was.
std::size_t take_escape(std::string_view rest, std::string& out) {
    const char c = rest.front();
    if (c == 'u' && are_hex(rest.substr(1), 4)) {
        out += "\\x{" + std::string(rest.substr(1, 4)) + '}';
        return 5;
    }
    if (c == 'u' && rest.starts_with("u{")) {
        const std::size_t end = rest.find('}');
        if (end != std::string_view::npos) {
            out += "\\x" + std::string(rest.substr(1, end));
            return end + 1;
        }
    }
    if (c == 'c' && rest.size() > 1) {
        std::array<char, 8> hex{};
        const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), rest[1] & 31, 16).ptr;
        out += "\\x{" + std::string(hex.data(), end) + '}';
        return 2;
    }
    if (c == 'p' || c == 'P') {
        for (const auto& [name, short_name] : long_names) {
            if (rest.substr(1).starts_with(name)) {
                out += '\\';
                out += c;
                out += short_name;
                return 1 + name.size();
            }
        }
    }
    if (c == 's' || c == 'S') {  // ECMA's white space is more than RE2's
        constexpr std::string_view blanks =
            R"(\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
        out += c == 's' ? "[" : "[^";
        out += blanks;
        out += ']';
        return 1;
    }
    out += '\\';
    out += c;
    return 1;
}

}  // namespace

std::string in_re2_words(std::string_view ecma) {
    std::string out;
    bool in_class = false;
    for (std::size_t i = 0; i < ecma.size();) {
        const std::string_view rest = ecma.substr(i);
        if (rest.size() > 1 && rest.front() == '\\') {
            const bool blank = rest[1] == 's' || rest[1] == 'S';
            if (blank && in_class) {  // a class within a class is spelt otherwise; RE2's own will do
                out += rest.substr(0, 2);
                i += 2;
            } else {
                i += 1 + take_escape(rest.substr(1), out);
            }
        } else if (rest.starts_with("[^]") && !in_class) {
            out += "(?s:.)";
            i += 3;
        } else if (rest.starts_with("(?<") && !rest.starts_with("(?<=") && !rest.starts_with("(?<!") && !in_class) {
            out += "(?P<";
            i += 3;
        } else {
            if (rest.front() == '[') in_class = true;
            if (rest.front() == ']') in_class = false;
            out += rest.front();
            ++i;
        }
    }
    return out;
}

Pattern::Pattern(std::string_view ecma, std::size_t most_bytes) {
    if (ecma.size() > most_bytes) return;
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(static_cast<std::int64_t>(most_bytes) * 100);
    auto compiled = std::make_unique<RE2>(in_re2_words(ecma), options);
    if (compiled->ok()) compiled_ = std::move(compiled);
}

Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

std::optional<bool> Pattern::matches(std::string_view text) const {
    if (!compiled_) return std::nullopt;
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace haive::mcp::schema
