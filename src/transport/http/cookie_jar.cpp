#include "transport/http/cookie_jar.hpp"

#include "base/header_value.hpp"

namespace haive::mcp {

void CookieJar::take(std::string_view set_cookie) {
    const std::string_view pair = set_cookie.substr(0, set_cookie.find(';'));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.size() > longest) return;
    std::string name(pair.substr(0, equals));
    const std::string_view value = pair.substr(equals + 1);
    if (!is_token(name) || !is_header_text(value)) return;
    const bool removed = set_cookie.find("Max-Age=0") != std::string_view::npos ||
                         set_cookie.find("max-age=0") != std::string_view::npos;
    if (removed) {
        cookies_.erase(name);
    } else if (cookies_.size() < most || cookies_.contains(name)) {
        cookies_.insert_or_assign(std::move(name), std::string(value));
    }
    line_.clear();
    for (const auto& [key, text] : cookies_) line_ += (line_.empty() ? "Cookie: " : "; ") + key + '=' + text;
    if (!line_.empty()) line_ += "\r\n";
}

}  // namespace haive::mcp
