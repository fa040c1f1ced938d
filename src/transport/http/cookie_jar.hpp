#pragma once

#include <map>
#include <string>
#include <string_view>

namespace haive::mcp {

/// The cookies of one origin for the life of one channel: what load balancers use to find the replica that
/// knows our session. Bounded; attributes are ignored, but for the one that takes a cookie away. Pure.
class CookieJar {
public:
    void take(std::string_view set_cookie);
    /// The `Cookie` header's line with CRLF, or empty.
    [[nodiscard]] const std::string& line() const noexcept { return line_; }

private:
    static constexpr std::size_t most = 32;
    static constexpr std::size_t longest = 4096;
    std::map<std::string, std::string, std::less<>> cookies_;
    std::string line_;
};

}  // namespace haive::mcp
