// `status`: how all servers are, once.
#include "cli/fleet.hpp"
#include "cli/fleet_view.hpp"
#include "cli/trouble.hpp"
#include "haive/mcp/jsonrpc/json_text.hpp"

#include <algorithm>
#include <cstdio>

namespace haive::mcp::cli {

namespace {

json::object to_json(const UpstreamInfo& info) {
    json::object out = info.connection.metadata;
    out["name"] = info.name;
    out["status"] = to_string(info.connection.status);
    out["health_score"] = info.connection.health_score;
    out["start"] = to_string(info.start);
    out["required"] = info.required;
    out["catalogue"] = to_string(info.freshness);
    out["tools"] = info.tools;
    out["prompts"] = info.prompts;
    out["resources"] = info.resources;
    out["breaker"] = info.breaker;
    if (info.connection.last_error) out["last_error"] = *info.connection.last_error;
    return out;
}

std::string text_in(const json::object& metadata, std::string_view key) {
    const auto* value = metadata.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

int status_command(Context& context) {
    Fleet fleet(context, context.run);
    if (const int code = fleet.read(); code != exit_ok) return code;
    auto started = context.interrupt.wait(fleet.manager().start_all(Seconds(context.run.timeout.value_or(10))));
    if (started.has_error()) return fail(context, started.error());
    const auto servers = FleetView::by_trouble(fleet.manager().upstreams());
    const auto floods = fleet.floods();
    const auto wanted = [](const UpstreamInfo& info) { return info.start == StartPolicy::eager; };
    const auto up = [](const UpstreamInfo& info) { return info.connection.status == ConnectionStatus::connected; };
    const auto asked = std::ranges::count_if(servers, wanted);
    const auto connected = std::ranges::count_if(servers, [&](const auto& info) { return wanted(info) && up(info); });
    const int code = connected == asked ? exit_ok : exit_connection;
    if (context.run.json) {
        json::array all;
        for (const auto& info : servers) all.push_back(to_json(info));
        std::puts(to_text(json::object{{"connected", connected}, {"servers", std::move(all)}}).c_str());
        return code;
    }
    std::size_t name_width = 6;
    for (const auto& info : servers)
        name_width = std::max(name_width, std::min<std::size_t>(24, columns_of(info.name)));
    const std::size_t width = context.terminal.width();
    const auto row = [&](const std::string& name, const std::string& state, const std::string& tools,
                         const std::string& version, const std::string& rest, Colour colour) {
        std::string out = padded(fitted(name, name_width), name_width) + "  " +
                          context.terminal.paint(colour, padded(state, 13)) + "  " + padded(tools, 5) + "  " +
                          padded(version, 10) + "  ";
        const std::size_t used = name_width + 36;
        out += fitted(rest, width > used + 10 ? width - used : 10);
        std::puts(out.c_str());
    };
    if (!context.run.quiet) row("SERVER", "STATE", "TOOLS", "REVISION", "TROUBLE", Colour::bold);
    for (const auto& info : servers) {
        std::string trouble = trouble_of(info, floods.contains(info.name));
        if (!up(info) && wanted(info) && trouble.empty()) trouble = "it has not answered yet";
        if (!wanted(info) && !up(info)) trouble = std::string(to_string(info.start)) + ": not asked";
        const Colour colour = up(info) ? Colour::green : wanted(info) ? Colour::red : Colour::dim;
        row(info.name, std::string(to_string(info.connection.status)), up(info) ? std::to_string(info.tools) : "-",
            text_in(info.connection.metadata, "protocol_version"), trouble, colour);
    }
    return code;
}

}  // namespace haive::mcp::cli
