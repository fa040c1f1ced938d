#include "config/env_file.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace haive::mcp {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

bool is_name(std::string_view name) {
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::ranges::all_of(name,
                               [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
}

/// A value's text, or nullopt when a quote is not closed.
std::optional<std::string> value_of(std::string_view text) {
    if (text.starts_with('\'')) {
        const std::size_t end = text.find('\'', 1);
        if (end == std::string_view::npos) return std::nullopt;
        return std::string(text.substr(1, end - 1));
    }
    if (!text.starts_with('"')) {
        // A comment begins behind a space; a # within a value is part of it.
        const std::size_t comment = std::min(text.find(" #"), text.find("\t#"));
        return std::string(trimmed(text.substr(0, comment)));
    }
    std::string out;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') return out;
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            out += text[i] == 'n' ? '\n' : text[i];
        } else {
            out += text[i];
        }
    }
    return std::nullopt;
}

Error wrong(std::size_t line, const char* what) {
    Error error(ErrorKind::invalid_config, "line " + std::to_string(line) + " " + what);
    error.set_mend("write NAME=VALUE, one a line");
    return error;
}

}  // namespace

Result<std::map<std::string, std::string>> parse_env_file(std::string_view text) {
    std::map<std::string, std::string> out;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view content = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (content.empty() || content.front() == '#') continue;
        if (content.starts_with("export ")) content = trimmed(content.substr(7));
        const std::size_t equals = content.find('=');
        if (equals == std::string_view::npos) return wrong(line, "has no =");
        const std::string_view name = trimmed(content.substr(0, equals));
        if (!is_name(name)) return wrong(line, "does not begin with a variable's name");
        auto value = value_of(trimmed(content.substr(equals + 1)));
        if (!value) return wrong(line, "has a quote that is not closed");
        out[std::string(name)] = std::move(*value);
    }
    return out;
}

}  // namespace haive::mcp
