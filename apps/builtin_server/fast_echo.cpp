#include "fast_echo.hpp"

#include "message.hpp"

#include <algorithm>

namespace builtin {

namespace {

constexpr std::string_view start = R"({"jsonrpc":"2.0","id":)";
constexpr std::string_view method = R"(,"method":"tools/call","params":{)";
constexpr std::string_view call = R"("name":"echo","arguments":{"text":")";
constexpr std::string_view end = R"("}}})";

constexpr std::string_view token = R"("progressToken":)";

/// Takes a whole number off the start of `text`; empty when there is none.
std::string_view take_number(std::string_view& text) {
    const std::string_view digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
    const bool fits = !digits.empty() && digits.size() < 19 && (digits.size() == 1 || digits.front() != '0');
    if (!fits) return {};
    text.remove_prefix(digits.size());
    return digits;
}

/// `line` after `{"jsonrpc":"2.0","id":N,"method":"tools/call","params":{`; empty when it begins otherwise.
std::string_view after_head(std::string_view line, std::string_view& id) {
    if (!line.starts_with(start)) return {};
    line.remove_prefix(start.size());
    id = take_number(line);
    if (id.empty() || !line.starts_with(method)) return {};
    return line.substr(method.size());
}

/// Whether the text stands for itself between JSON's quotes.
bool is_plain(std::string_view text) {
    bool special = false;
    unsigned char high = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        special |= byte < 0x20 || byte == '"' || byte == '\\';
        high |= byte;
    }
    return !special && (high < 0x80 || is_utf8(text));
}

}  // namespace

bool FastEcho::answer(std::string_view line, std::string& out) const {
    if (!learned_ || !line.ends_with(end)) return false;
    std::string_view id;
    std::string_view rest = after_head(line, id);
    if (!rest.starts_with(head_)) return false;
    rest.remove_prefix(head_.size());
    if (has_token_ && take_number(rest).empty()) return false;
    if (!rest.starts_with(tail_)) return false;
    rest.remove_prefix(tail_.size());
    if (!rest.starts_with(call) || rest.size() < call.size() + end.size()) return false;
    const std::string_view text = rest.substr(call.size(), rest.size() - call.size() - end.size());
    if (!is_plain(text)) return false;
    out += start;
    out += id;
    out += modern_ ? R"(,"result":{"resultType":"complete","content":[{"type":"text","text":")"
                   : R"(,"result":{"content":[{"type":"text","text":")";
    out += text;
    out += "\"}]}}\n";
    return true;
}

void FastEcho::learn(std::string_view line, bool modern) {
    constexpr std::size_t longest = 4096;
    std::string_view id;
    const std::string_view rest = after_head(line, id);
    const std::size_t where = rest.find(call);
    if (where == std::string_view::npos || where > longest || !line.ends_with(end)) return;
    if (rest.size() < where + call.size() + end.size()) return;
    // The whole line is JSON, and `call` is followed by one text and the three braces that it needs: so it
    // stands in params itself, and what is before it is whole.
    if (!is_plain(rest.substr(where + call.size(), rest.size() - where - call.size() - end.size()))) return;
    std::string_view before_name = rest.substr(0, where);
    const std::size_t token_at = before_name.find(token);
    has_token_ = token_at != std::string_view::npos;
    head_ = before_name.substr(0, has_token_ ? token_at + token.size() : where);
    before_name.remove_prefix(head_.size());
    if (has_token_ && take_number(before_name).empty()) return void(learned_ = false);  // a token of text
    tail_ = before_name;
    modern_ = modern;
    learned_ = true;
}

}  // namespace builtin
