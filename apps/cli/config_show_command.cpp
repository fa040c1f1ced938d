#include "cli/config_command.hpp"
#include "cli/server_choice.hpp"
#include "haive/mcp/config/effective_options.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace haive::mcp::cli {

namespace {

namespace json = boost::json;

json::object to_json(const std::vector<EffectiveOption>& options) {
    json::object out;
    for (const auto& one : options) {
        out[one.name] = json::object{{"value", json::parse(one.value)}, {"from", one.origin}};
    }
    return out;
}

json::object to_json(const ServerConfig& server) {
    json::object reach;
    for (const auto& one : masked_reach(server)) reach[one.name] = json::parse(one.value);
    json::object out{{"name", server.name}, {"disabled", server.disabled}};
    if (!server.transport) out["unusable"] = server.unusable;
    out["reach"] = std::move(reach);
    out["options"] = to_json(effective_options(server));
    return out;
}

void print(const std::vector<EffectiveOption>& rows) {
    std::size_t names = 0, values = 0;
    for (const auto& row : rows) {
        names = std::max(names, row.name.size());
        if (!row.origin.empty()) values = std::max(values, std::min<std::size_t>(row.value.size(), 30));
    }
    for (const auto& row : rows) {
        std::printf("  %-*s  ", static_cast<int>(names), row.name.c_str());
        if (row.origin.empty()) {
            std::printf("%s\n", row.value.c_str());
        } else {
            std::printf("%-*s  %s\n", static_cast<int>(values), row.value.c_str(), row.origin.c_str());
        }
    }
}

void print(const ServerConfig& server) {
    std::printf("%s%s\n", server.name.c_str(), server.disabled ? " (disabled)" : "");
    if (!server.transport) std::printf("  cannot be used: %s\n", server.unusable.c_str());
    auto rows = masked_reach(server);
    auto options = effective_options(server);
    std::ranges::move(options, std::back_inserter(rows));
    print(rows);
}

}  // namespace

int config_show_command(Context& context) {
    auto config = read_config(context.run);
    if (config.has_error()) return fail(context, config.error());
    std::vector<ServerConfig> servers;
    for (const auto& name : context.run.operands) {
        auto server = named_server(*config, name);
        if (server.has_error()) return fail(context, server.error());
        servers.push_back(std::move(*server));
    }
    if (context.run.operands.empty()) servers = config->servers;
    if (context.run.json) {
        json::array out;
        for (const auto& server : servers) out.push_back(to_json(server));
        json::object all{{"file", config->file}, {"servers", std::move(out)}};
        if (context.run.operands.empty()) all["manager"] = to_json(effective_manager_options(*config));
        std::puts(json::serialize(all).c_str());
        return exit_ok;
    }
    const char* gap = "";
    for (const auto& server : servers) {
        std::fputs(gap, stdout);
        print(server);
        gap = "\n";
    }
    if (context.run.operands.empty()) {
        std::printf("%sall together\n", gap);
        print(effective_manager_options(*config));
    }
    return exit_ok;
}

}  // namespace haive::mcp::cli
