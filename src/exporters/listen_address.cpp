#include "exporters/listen_address.hpp"

#include <algorithm>
#include <charconv>

namespace haive::mcp {

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
    ListenAddress out;
    std::string_view port = text;
    if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
        std::string_view host = text.substr(0, colon);
        port = text.substr(colon + 1);
        const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
        if (bracketed) host = host.substr(1, host.size() - 2);
        if (!bracketed && host.find_first_of(":[]") != std::string_view::npos) return std::nullopt;
        out.host = host;
    }
    if (out.host.empty()) out.host = "127.0.0.1";
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size() || number > 65535) return std::nullopt;
    out.port = port;
    return out;
}

}  // namespace haive::mcp
