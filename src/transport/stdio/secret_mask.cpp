#include "transport/stdio/secret_mask.hpp"

#include "base/key_shape.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace haive::mcp {

namespace {

constexpr std::string_view mask = "***";
constexpr std::size_t shortest_plain_value = 8;  // hiding "1" or "true" everywhere would hide the text

constexpr std::array secret_words{
    std::string_view("token"),      std::string_view("secret"),     std::string_view("password"),
    std::string_view("passwd"),     std::string_view("apikey"),     std::string_view("api_key"),
    std::string_view("api-key"),    std::string_view("credential"), std::string_view("_key"),
    std::string_view("access-key"), std::string_view("bearer"),
};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::string quoted(const std::string& arg) {
    const bool plain = !arg.empty() && arg.find_first_of(" \t\n\"'\\$`*?&|;<>(){}[]#!~") == std::string::npos;
    if (plain) return arg;
    std::string out = "'";
    for (const char c : arg) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

}  // namespace

bool names_a_secret(std::string_view name) {
    const std::string folded = lower(name);
    if (folded == "pat" || folded.ends_with("_pat") || folded.ends_with("-pat")) return true;  // personal access token
    return std::ranges::any_of(secret_words,
                               [&](std::string_view word) { return folded.find(word) != std::string::npos; });
}

SecretMask::SecretMask(const std::map<std::string, std::string>& env) {
    for (const auto& [name, value] : env) {
        // A path or a flag is no secret, and hiding it would hide the reason of most failures.
        const bool shown = value.starts_with("/") || value.find(' ') != std::string::npos;
        if (names_a_secret(name) ? value.size() >= 3
                                 : (value.size() >= shortest_plain_value && !shown && name != "PATH")) {
            secrets_.push_back(value);
        }
    }
    std::ranges::sort(secrets_, std::ranges::greater(), &std::string::size);
}

std::string SecretMask::hide(std::string text) const {
    for (const auto& secret : secrets_) {
        for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + mask.size())) {
            text.replace(at, secret.size(), mask);
        }
    }
    return text;
}

std::string SecretMask::command_line(std::string_view command, const std::vector<std::string>& args) const {
    std::string out = quoted(std::string(command));
    bool hide_next = false;
    for (const auto& arg : args) {
        std::string shown = url_without_keys(hide(arg));
        const std::size_t equals = shown.find('=');
        const bool secret_name = names_a_secret(std::string_view(shown).substr(0, equals));
        if (hide_next && !shown.starts_with("-")) {
            shown = mask;
        } else if (secret_name && equals != std::string::npos) {
            shown.replace(equals + 1, std::string::npos, mask);
        }
        hide_next = secret_name && equals == std::string::npos && arg.starts_with("-");
        out += ' ';
        out += shown == mask ? shown : quoted(shown);
    }
    return out;
}

}  // namespace haive::mcp
