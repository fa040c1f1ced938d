#include "haive/mcp/config/server_url.hpp"

#include "haive/mcp/transport/socket.hpp"
#include "haive/mcp/transport/websocket.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace haive::mcp {

namespace {

constexpr std::array<std::string_view, 6> schemes{"http://", "https://", "ws://", "wss://", "unix:", "tcp://"};

Error wrong(std::string text, std::string mend = {}) {
    Error error(ErrorKind::invalid_config, std::move(text));
    error.set_attempt_class(AttemptClass::fatal);
    if (!mend.empty()) error.set_mend(std::move(mend));
    return error;
}

/// `streamableHttp`, `streamable_http` and `Streamable-HTTP` are one word.
std::string plain_word(std::string_view type) {
    std::string out;
    for (const char c : type) {
        if (c == '-' || c == '_' || c == ' ') continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return out;
}

Result<std::shared_ptr<MCPTransport>> tcp_transport(std::string_view rest, SocketOptions options) {
    while (rest.ends_with('/')) rest.remove_suffix(1);
    const std::size_t colon = rest.rfind(':');
    std::uint16_t port = 0;
    const std::string_view digits = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || colon == 0) {
        return wrong("a tcp URL needs a host and a port", "write it like tcp://127.0.0.1:9000");
    }
    std::string_view host = rest.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return std::make_shared<TcpTransport>(std::string(host), port, options);
}

}  // namespace

bool is_server_url(std::string_view text) noexcept {
    return std::ranges::any_of(schemes, [&](std::string_view scheme) { return text.starts_with(scheme); });
}

Result<std::shared_ptr<MCPTransport>> transport_for_url(const std::string& url, std::string_view type,
                                                        HttpOptions options, SocketOptions socket) {
    const std::string kind = plain_word(type);
    if (url.starts_with("unix:")) {
        std::string path = url.substr(5);
        if (path.starts_with("//")) path.erase(0, 2);
        if (path.empty()) return wrong("a unix URL needs a path", "write it like unix:/run/server.sock");
        return std::make_shared<UnixSocketTransport>(std::move(path), socket);
    }
    if (url.starts_with("tcp://")) return tcp_transport(std::string_view(url).substr(6), socket);
    if (url.starts_with("ws://") || url.starts_with("wss://")) {
        return std::make_shared<WebSocketTransport>(url, std::move(options));
    }
    if (!url.starts_with("http://") && !url.starts_with("https://")) {
        // Without a scheme it may be anything, even a secret.
        if (url.find("://") == std::string::npos) {
            return wrong("the url has no scheme", "begin it with http://, https://, ws://, wss://, unix: or tcp://");
        }
        return wrong("'" + url.substr(0, url.find(':')).substr(0, 20) + "' is no scheme that servers are reached by",
                     "use http://, https://, ws://, wss://, unix: or tcp://");
    }
    if (kind == "sse") return std::make_shared<SseTransport>(url, std::move(options));
    if (kind.empty() || kind == "http" || kind == "streamablehttp" || kind == "httpstream" || kind == "remote") {
        return std::make_shared<HttpTransport>(url, std::move(options));
    }
    return wrong("transport type '" + std::string(type) + "' does not go with an http URL",
                 R"(leave "type" out, or use "http" or "sse")");
}

}  // namespace haive::mcp
