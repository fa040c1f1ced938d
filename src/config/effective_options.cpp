#include "haive/mcp/config/effective_options.hpp"

#include "config/parameter_table.hpp"
#include "config/plain_json.hpp"
#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/socket.hpp"
#include "haive/mcp/transport/stdio.hpp"
#include "haive/mcp/transport/websocket.hpp"

namespace haive::mcp {

namespace {

namespace json = boost::json;

EffectiveOption option(std::string name, const json::value& value, std::string origin) {
    EffectiveOption out;
    out.name = std::move(name);
    out.value = plain_json(value);
    out.origin = std::move(origin);
    return out;
}

using Origins = std::map<std::string, std::string>;

void add(std::vector<EffectiveOption>& out, const json::object& values, const std::string& prefix,
         const Origins& origins) {
    for (const auto& [key, value] : values) {
        const std::string name = prefix + std::string(key);
        const auto origin = origins.find(name);
        out.push_back(option(name, value, origin == origins.end() ? "built in" : origin->second));
    }
}

json::value masked(const std::string& text) { return text.empty() ? json::value("") : json::value("***"); }

const HttpOptions* http_options(const MCPTransport& transport) {
    if (const auto* http = dynamic_cast<const HttpTransport*>(&transport)) return &http->options();
    if (const auto* sse = dynamic_cast<const SseTransport*>(&transport)) return &sse->options();
    const auto* web = dynamic_cast<const WebSocketTransport*>(&transport);
    return web == nullptr ? nullptr : &web->options();
}

/// The numbers and switches of the kind of transport that it is.
json::object transport_options(const MCPTransport& transport) {
    if (const auto* http = http_options(transport)) return ParameterTable<HttpOptions>::values(*http);
    if (const auto* stdio = dynamic_cast<const StdioTransport*>(&transport)) {
        return ParameterTable<StdioOptions>::values(stdio->options());
    }
    if (const auto* local = dynamic_cast<const UnixSocketTransport*>(&transport)) {
        return ParameterTable<SocketOptions>::values(local->options());
    }
    const auto* tcp = dynamic_cast<const TcpTransport*>(&transport);
    return tcp == nullptr ? json::object() : ParameterTable<SocketOptions>::values(tcp->options());
}

}  // namespace

std::vector<EffectiveOption> effective_options(const ServerConfig& server) {
    std::vector<EffectiveOption> out;
    add(out, ParameterTable<ConnectionOptions>::values(server.options), "", server.origins);
    add(out, ParameterTable<UpstreamOptions>::values(server.upstream), "", server.origins);
    if (server.transport) add(out, transport_options(*server.transport), "", server.origins);
    if (server.pool) add(out, ParameterTable<PoolOptions>::values(*server.pool), "pool.", server.origins);
    return out;
}

std::vector<EffectiveOption> effective_manager_options(const Config& config) {
    std::vector<EffectiveOption> out;
    add(out, ParameterTable<ManagerOptions>::values(config.manager), "manager.", config.manager_origins);
    return out;
}

std::vector<EffectiveOption> masked_reach(const ServerConfig& server) {
    std::vector<EffectiveOption> out;
    if (!server.transport) return out;
    const std::string where = server.transport->describe();
    const auto* stdio = dynamic_cast<const StdioTransport*>(server.transport.get());
    out.push_back(option(stdio != nullptr ? "command" : "url", json::value(where), {}));
    if (stdio != nullptr) {
        if (!stdio->options().cwd.empty()) out.push_back(option("cwd", json::value(stdio->options().cwd), {}));
        for (const auto& [name, value] : stdio->options().env) out.push_back(option("env." + name, masked(value), {}));
    }
    if (const auto* http = http_options(*server.transport)) {
        for (const auto& [name, value] : http->headers) out.push_back(option("headers." + name, masked(value), {}));
    }
    return out;
}

}  // namespace haive::mcp
