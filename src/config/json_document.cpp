#include "config/json_document.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parser.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp {

namespace {

namespace json = boost::json;

json::parse_options lenient() {
    json::parse_options options;
    options.allow_comments = true;
    options.allow_trailing_commas = true;
    options.max_depth = 64;
    return options;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// The parser's complaint, with what stands there.
std::string complaint(std::string_view text, std::size_t offset, const json::error_code& error) {
    if (error == json::error::incomplete) return "the document ends too early: a bracket or a quote is not closed";
    if (error == json::error::too_deep) return "this is nested too deeply";
    if (error != json::error::syntax || offset >= text.size()) return error.message();
    const std::string_view rest = text.substr(offset);
    if (rest.front() == '\'') return "a string must stand in double quotes";
    const auto end = std::ranges::find_if_not(rest, is_word);
    const auto length = std::clamp<std::ptrdiff_t>(end - rest.begin(), 1, 40);
    const bool shown = is_word(rest.front()) || std::ispunct(static_cast<unsigned char>(rest.front())) != 0;
    return shown ? "'" + std::string(rest.substr(0, static_cast<std::size_t>(length))) + "' is not expected here"
                 : error.message();
}

/// Listens to a parse only to notice a key that comes twice.
struct DuplicateKeys {
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    using Code = json::error_code;
    bool on_document_begin(Code&) { return true; }
    bool on_document_end(Code&) { return true; }
    bool on_object_begin(Code&) {
        keys.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, Code&) {
        keys.pop_back();
        return true;
    }
    bool on_array_begin(Code&) { return true; }
    bool on_array_end(std::size_t, Code&) { return true; }
    bool on_key_part(json::string_view part, std::size_t, Code&) {
        key.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view last, std::size_t, Code& error) {
        key.append(last.data(), last.size());
        const auto [at, is_new] = keys.back().insert(std::exchange(key, {}));
        if (!is_new) {
            twice = *at;
            error = json::make_error_code(json::error::exception);
            return false;
        }
        return true;
    }
    bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
    bool on_string(json::string_view, std::size_t, Code&) { return true; }
    bool on_number_part(json::string_view, Code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
    bool on_double(double, json::string_view, Code&) { return true; }
    bool on_bool(bool, Code&) { return true; }
    bool on_null(Code&) { return true; }
    bool on_comment_part(json::string_view, Code&) { return true; }
    bool on_comment(json::string_view, Code&) { return true; }

    std::vector<std::set<std::string>> keys;
    std::string key;
    std::string twice;  // the key that ended the parse
};

Error refused(std::string_view text, std::size_t offset, const std::string& what, const char* mend) {
    Error error(ErrorKind::invalid_config, position_in(text, offset) + ": " + what);
    error.set_mend(mend);
    return error;
}

const char* mend_of(std::string_view text, std::size_t offset, const json::error_code& error) {
    if (error == json::error::incomplete) return "close what was opened last";
    if (error == json::error::too_deep) return "take some of the brackets away";
    if (offset < text.size() && text[offset] == '\'') return "write \"...\" in place of '...'";
    if (error == json::error::syntax) return "look for a comma, a colon or a quote that is missing before it";
    return "save the file as UTF-8, and write control characters as \\uXXXX";
}

}  // namespace

std::string position_in(std::string_view text, std::size_t offset) {
    std::size_t line = 1, column = 1;
    for (const char c : text.substr(0, offset)) {
        if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) ++column;
        if (c == '\n') {
            ++line;
            column = 1;
        }
    }
    return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

Result<json::value> parse_json_document(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    json::basic_parser<DuplicateKeys> check(lenient());
    json::error_code error;
    const std::size_t used = check.write_some(false, text.data(), text.size(), error);
    if (error == json::error::exception) {
        return refused(text, used, "the key '" + check.handler().twice + "' comes a second time in its object",
                       "remove one of the two, or give it another name");
    }
    if (error) return refused(text, used, complaint(text, used, error), mend_of(text, used, error));
    for (std::size_t i = used; i < text.size(); ++i) {
        if (std::string_view(" \t\r\n").find(text[i]) == std::string_view::npos) {
            return refused(text, i, "there is more after the end of the document",
                           "remove it, or put it inside the braces");
        }
    }
    json::parser parser({}, lenient());
    parser.write(text.data(), used, error);
    if (error) return refused(text, used, error.message(), mend_of(text, used, error));
    return parser.release();
}

}  // namespace haive::mcp
