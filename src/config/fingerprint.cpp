#include "haive/mcp/config/fingerprint.hpp"

#include "config/parameter_table.hpp"
#include "config/sha256.hpp"
#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/socket.hpp"
#include "haive/mcp/transport/stdio.hpp"
#include "haive/mcp/transport/websocket.hpp"

#include <boost/json/serialize.hpp>

namespace haive::mcp {

namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

json::object identity(const StdioTransport& transport) {
    const StdioOptions& options = transport.options();
    json::object env;
    for (const auto& [name, value] : options.env) env[name] = value;
    return {{"command", transport.command()},
            {"args", texts(transport.args())},
            {"env", std::move(env)},
            {"inherit", texts(options.inherit)},
            {"inherit_all", options.inherit_all},
            {"cwd", options.cwd},
            {"options", ParameterTable<StdioOptions>::values(options)}};
}

json::object identity(const std::string& url, const HttpOptions& options) {
    json::array headers;
    for (const auto& [name, value] : options.headers) headers.push_back(json::array{name, value});
    return {{"url", url},
            {"headers", std::move(headers)},
            {"ca_file", options.ca_file},
            {"client_certificate", options.client_certificate},
            {"client_key", options.client_key},
            {"proxy", options.proxy ? json::value(*options.proxy) : json::value()},
            {"no_proxy", options.no_proxy},
            {"options", ParameterTable<HttpOptions>::values(options)}};
}

json::object identity(const MCPTransport& transport) {
    if (const auto* stdio = dynamic_cast<const StdioTransport*>(&transport)) return identity(*stdio);
    if (const auto* http = dynamic_cast<const HttpTransport*>(&transport)) {
        return identity(http->url(), http->options());
    }
    if (const auto* sse = dynamic_cast<const SseTransport*>(&transport)) return identity(sse->url(), sse->options());
    if (const auto* web = dynamic_cast<const WebSocketTransport*>(&transport)) {
        return identity(web->url(), web->options());
    }
    const std::string described = transport.describe();
    json::object out{{"described", described}};
    if (const auto* local = dynamic_cast<const UnixSocketTransport*>(&transport)) {
        out["options"] = ParameterTable<SocketOptions>::values(local->options());
    } else if (const auto* tcp = dynamic_cast<const TcpTransport*>(&transport)) {
        out["options"] = ParameterTable<SocketOptions>::values(tcp->options());
    }
    return out;
}

}  // namespace

std::string fingerprint(const ServerConfig& server) {
    json::object all{{"connection", ParameterTable<ConnectionOptions>::values(server.options)},
                     {"upstream", ParameterTable<UpstreamOptions>::values(server.upstream)},
                     {"disabled", server.disabled}};
    if (server.pool) all["pool"] = ParameterTable<PoolOptions>::values(*server.pool);
    if (server.transport) {
        all["type"] = server.transport->type();
        all["transport"] = identity(*server.transport);
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t byte : sha256(json::serialize(all))) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    out.resize(32);
    return out;
}

}  // namespace haive::mcp
