// `tools`, `resources`, `prompts`: what a server offers.
#include "cli/commands.hpp"
#include "cli/fleet.hpp"
#include "cli/key_values.hpp"
#include "cli/server_choice.hpp"
#include "haive/mcp/config/server_url.hpp"
#include "haive/mcp/connection/connection.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>

namespace haive::mcp::cli {

namespace {

struct Row {
    std::string name;
    std::string text;
    std::string note;
};

void print_table(const Context& context, const std::vector<Row>& rows) {
    std::size_t name_width = 0;
    for (const auto& row : rows) name_width = std::max(name_width, columns_of(row.name));
    const std::size_t width = context.terminal.width();
    name_width = std::min(name_width, width / 2);
    const std::size_t room = width - name_width - 2;
    for (const auto& row : rows) {
        const std::string name = padded(fitted(row.name, name_width), name_width);
        std::printf("%s  %s\n", context.terminal.paint(Colour::bold, name).c_str(), fitted(row.text, room).c_str());
        if (row.note.empty()) continue;
        const std::string note = context.terminal.paint(Colour::dim, fitted(row.note, room));
        std::printf("%s  %s\n", std::string(name_width, ' ').c_str(), note.c_str());
    }
}

/// The objects as the server sent them, byte for byte: `"key":[...]`.
template <class Item>
std::string raw_list(const char* key, const std::vector<Item>& items) {
    std::string out = std::string("\"") + key + "\":[";
    for (const auto& item : items) {
        if (out.back() != '[') out += ',';
        out += item.raw.text();
    }
    return out + "]";
}

void print_object(const std::string& members) { std::puts(("{" + members + "}").c_str()); }

template <class List>
int with_server(Context& context, List list) {
    auto server = choose_server(context.run);
    if (server.has_error()) return fail(context, server.error());
    if (const int code = refuse_operands(context); code != exit_ok) return code;
    Connected connected(context, *server);
    if (const int code = connected.connect(); code != exit_ok) return code;
    return list(connected);
}

void say_none(const Context& context, const char* what) {
    if (!context.run.quiet) std::fprintf(stderr, "the server has no %s\n", what);
}

json::object to_json(const ServerConfig& server) {
    json::object out{{"name", server.name}, {"disabled", server.disabled}};
    if (server.transport) {
        const std::string where = server.transport->describe();
        out[is_server_url(where) ? "url" : "command"] = where;
    } else {
        out["unusable"] = server.unusable;
    }
    return out;
}

}  // namespace

namespace {

/// What every configured server offers, as one list.
int list_all_tools(Context& context) {
    Fleet fleet(context, context.run, false);
    if (const int code = fleet.read(); code != exit_ok) return code;
    auto started = context.interrupt.wait(fleet.manager().start_all(Seconds(context.run.timeout.value_or(30))));
    if (started.has_error()) return fail(context, started.error());
    const auto catalogue = fleet.manager().catalogue();
    if (context.run.json) {
        json::array tools;
        for (const auto& each : catalogue->tools) {
            json::object tool{{"name", each.name}, {"server", each.server}};
            if (auto raw = each.item->raw.value()) tool["tool"] = *raw;
            tools.push_back(std::move(tool));
        }
        json::array servers;
        for (const auto& each : started->servers) {
            json::object server{{"name", each.server}, {"outcome", to_string(each.outcome)}};
            if (each.error) server["error"] = each.error->summary();
            servers.push_back(std::move(server));
        }
        for (const auto& each : fleet.unusable()) {
            servers.push_back(
                json::object{{"name", each.name}, {"outcome", "unusable"}, {"error", *each.connection.last_error}});
        }
        std::puts(json::serialize(json::object{{"tools", std::move(tools)}, {"servers", std::move(servers)}}).c_str());
    } else {
        std::vector<Row> rows;
        for (const auto& each : catalogue->tools) {
            const Tool& tool = *each.item;
            rows.push_back({each.name, first_line(tool.description.empty() ? tool.display_name() : tool.description),
                            context.run.quiet ? std::string()
                                              : "from " + each.server + "; arguments: " + describe_arguments(tool)});
        }
        print_table(context, rows);
    }
    int code = exit_ok;
    for (const auto& each : fleet.unusable()) {
        code = exit_connection;
        if (context.run.quiet || context.run.json) continue;
        std::fprintf(stderr, "without the tools of %s: %s\n", each.name.c_str(), each.connection.last_error->c_str());
    }
    for (const auto& each : started->servers) {
        if (each.outcome == StartResult::Outcome::ready || each.outcome == StartResult::Outcome::not_asked) continue;
        code = exit_connection;
        if (context.run.quiet || context.run.json) continue;
        const std::string why = each.error ? each.error->summary() : "it has not answered yet";
        std::fprintf(stderr, "without the tools of %s: %s\n", each.server.c_str(), why.c_str());
    }
    return code;
}

}  // namespace

int list_servers_command(Context& context) {
    if (const int code = refuse_operands(context); code != exit_ok) return code;
    auto config = read_config(context.run);
    if (config.has_error()) return fail(context, config.error());
    if (context.run.json) {
        json::array servers;
        for (const auto& server : config->servers) servers.push_back(to_json(server));
        std::puts(json::serialize(json::object{{"file", config->file}, {"servers", std::move(servers)}}).c_str());
        return exit_ok;
    }
    std::vector<Row> rows;
    for (const auto& server : config->servers) {
        if (context.run.quiet) {
            std::puts(server.name.c_str());
        } else {
            rows.push_back({server.name, server.transport ? server.transport->describe() : server.unusable,
                            server.disabled ? "disabled" : ""});
        }
    }
    print_table(context, rows);
    if (config->servers.empty() && !context.run.quiet)
        std::fprintf(stderr, "%s names no servers\n", config->file.c_str());
    return exit_ok;
}

int list_tools_command(Context& context) {
    if (context.run.operands.empty() && context.run.server_command.empty()) return list_all_tools(context);
    return with_server(context, [&](Connected& connected) -> int {
        auto tools = context.interrupt.wait(connected.client().list_tools());
        if (tools.has_error()) return fail(context, tools.error());
        if (context.run.json) {
            print_object(raw_list("tools", *tools));
            return exit_ok;
        }
        std::vector<Row> rows;
        for (const auto& tool : *tools) {
            rows.push_back({tool.name, first_line(tool.description.empty() ? tool.display_name() : tool.description),
                            context.run.quiet ? std::string() : "arguments: " + describe_arguments(tool)});
        }
        print_table(context, rows);
        if (rows.empty()) say_none(context, "tools");
        return exit_ok;
    });
}

int list_resources_command(Context& context) {
    return with_server(context, [&](Connected& connected) -> int {
        auto resources = context.interrupt.wait(connected.client().list_resources());
        if (resources.has_error()) return fail(context, resources.error());
        auto templates = context.interrupt.wait(connected.client().list_resource_templates());
        if (templates.has_error() && templates.error().kind() != ErrorKind::rpc_error)
            return fail(context, templates.error());
        if (context.run.json) {
            print_object(raw_list("resources", *resources) +
                         (templates ? "," + raw_list("resourceTemplates", *templates) : ""));
            return exit_ok;
        }
        std::vector<Row> rows;
        for (const auto& r : *resources) rows.push_back({r.uri, r.display_name(), first_line(r.description)});
        if (templates) {
            for (const auto& t : *templates)
                rows.push_back({t.uri_template, t.display_name(), first_line(t.description)});
        }
        print_table(context, rows);
        if (rows.empty()) say_none(context, "resources");
        return exit_ok;
    });
}

int list_prompts_command(Context& context) {
    return with_server(context, [&](Connected& connected) -> int {
        auto prompts = context.interrupt.wait(connected.client().list_prompts());
        if (prompts.has_error()) return fail(context, prompts.error());
        if (context.run.json) {
            print_object(raw_list("prompts", *prompts));
            return exit_ok;
        }
        std::vector<Row> rows;
        for (const auto& prompt : *prompts) {
            std::string arguments;
            for (const auto& a : prompt.arguments) {
                arguments += (arguments.empty() ? "" : ", ") + a.name + (a.required ? " (required)" : "");
            }
            rows.push_back({prompt.name,
                            first_line(prompt.description.empty() ? prompt.display_name() : prompt.description),
                            arguments.empty() ? std::string() : "arguments: " + arguments});
        }
        print_table(context, rows);
        if (rows.empty()) say_none(context, "prompts");
        return exit_ok;
    });
}

}  // namespace haive::mcp::cli
