// `status`: how all servers are, once.
#include "cli/fleet.hpp"
#include "cli/fleet_view.hpp"
#include "cli/trouble_text.hpp"
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

bool is_wanted(const UpstreamInfo& info) { return info.start == StartPolicy::eager; }
bool is_up(const UpstreamInfo& info) { return info.connection.status == ConnectionStatus::connected; }

std::string trouble_of(const UpstreamInfo& info) {
    if (!is_wanted(info) && !is_up(info)) return std::string(to_string(info.start)) + ": not asked";
    std::string out = trouble_text(info.connection);
    return out.empty() && !is_up(info) ? "it has not answered yet" : out;
}

/// One row a server. Where there is little room, the reason of one that is away stands in place of the numbers that it
/// does not have.
void print_table(const Context& context, const std::vector<UpstreamInfo>& servers) {
    constexpr std::size_t state_width = 13, tools_width = 5, version_width = 10, room_for_reasons = 50;
    std::size_t name_width = 6;
    for (const auto& info : servers)
        name_width = std::max(name_width, std::min<std::size_t>(24, columns_of(info.name)));
    const std::size_t width = context.terminal.width();
    const auto row = [&](const std::string& name, const std::string& state, const std::string& numbers,
                         const std::string& rest, Colour colour) {
        const std::size_t used = name_width + 2 + state_width + 2 + columns_of(numbers);
        const std::string out = padded(fitted(name, name_width), name_width) + "  " +
                                context.terminal.paint(colour, padded(state, state_width)) + "  " + numbers +
                                fitted(rest, width > used + 10 ? width - used : 10);
        std::puts(out.substr(0, out.find_last_not_of(' ') + 1).c_str());
    };
    const auto numbers = [&](const std::string& tools, const std::string& version) {
        return padded(tools, tools_width) + "  " + padded(version, version_width) + "  ";
    };
    const std::string header = numbers("TOOLS", "REVISION");
    const bool narrow = width < name_width + state_width + 4 + header.size() + room_for_reasons;
    if (!context.run.quiet) row("SERVER", "STATE", header, "TROUBLE", Colour::bold);
    for (const auto& info : servers) {
        const bool up = is_up(info);
        const Colour colour = up ? Colour::green : is_wanted(info) ? Colour::red : Colour::dim;
        const std::string state = is_unusable(info) ? "unusable" : std::string(to_string(info.connection.status));
        const std::string version = text_in(info.connection.metadata, "protocol_version");
        row(info.name, state,
            up       ? numbers(std::to_string(info.tools), version)
            : narrow ? ""
                     : numbers("-", ""),
            trouble_of(info), colour);
    }
}

}  // namespace

int status_command(Context& context) {
    Fleet fleet(context, context.run, false);
    if (const int code = fleet.read(); code != exit_ok) return code;
    auto started = context.interrupt.wait(fleet.manager().start_all(Seconds(context.run.timeout.value_or(10))));
    if (started.has_error()) return fail(context, started.error());
    const auto servers = FleetView::by_trouble(fleet.upstreams());
    const auto asked = std::ranges::count_if(servers, is_wanted);
    const auto connected =
        std::ranges::count_if(servers, [](const auto& info) { return is_wanted(info) && is_up(info); });
    const int code = connected == asked ? exit_ok : exit_connection;
    if (context.run.json) {
        json::array all;
        for (const auto& info : servers) all.push_back(to_json(info));
        std::puts(to_text(json::object{{"connected", connected}, {"servers", std::move(all)}}).c_str());
        return code;
    }
    print_table(context, servers);
    return code;
}

}  // namespace haive::mcp::cli
