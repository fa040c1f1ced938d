#include "haive/mcp/config/config_schema.hpp"

#include "config/config_document.hpp"
#include "config/entry_keys.hpp"
#include "config/parameter_table.hpp"
#include "config/plain_json.hpp"

#include <boost/json/parse.hpp>

namespace haive::mcp {

namespace {

namespace json = boost::json;

json::object described(std::string_view schema, std::string_view about) {
    json::value parsed = json::parse(schema);
    json::object out = parsed.is_object() ? std::move(parsed.get_object()) : json::object();
    out["description"] = about;
    return out;
}

void add(json::object& to, json::object more) {
    for (auto& [key, value] : more) to[key] = std::move(value);
}

/// The options that an entry and `defaults` share.
json::object option_properties() {
    json::object out = ParameterTable<ConnectionOptions>::schema();
    add(out, ParameterTable<UpstreamOptions>::schema());
    add(out, ParameterTable<HttpOptions>::schema());
    add(out, ParameterTable<StdioOptions>::schema());
    out["pool"] =
        json::object{{"description", "A pool of connections instead of one."},
                     {"anyOf", json::array{json::object{{"type", "boolean"}}, json::object{{"$ref", "#/$defs/pool"}}}}};
    return out;
}

/// Keys that begin so are notes.
json::object notes() { return {{"^(_|//)", true}}; }

json::object closed_object(json::object properties) {
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"patternProperties", notes()},
            {"additionalProperties", false}};
}

json::object server_schema() {
    json::object properties;
    for (const auto& key : entry_keys()) properties[key.name] = described(key.schema, key.about);
    add(properties, option_properties());
    for (const auto& key : foreign_keys()) properties[key.name] = described(key.schema, key.about);
    json::object out = closed_object(std::move(properties));
    out["description"] = "A server: a command to start, or a URL.";
    json::array ways;
    for (const char* key : {"command", "url", "serverUrl", "httpUrl", "settings"}) {
        ways.push_back(json::object{{"required", json::array{key}}});
    }
    ways.push_back(json::object{{"properties", json::object{{"disabled", json::object{{"const", true}}}}},
                                {"required", json::array{"disabled"}}});
    out["anyOf"] = std::move(ways);
    out["not"] = json::object{{"required", json::array{"command", "url"}}};
    return out;
}

json::object name_filter() {
    json::object names{{"type", "array"}, {"items", json::object{{"type", "string"}}}};
    json::object both{{"type", "object"},
                      {"properties", json::object{{"allow", names}, {"deny", names}}},
                      {"additionalProperties", false}};
    return {{"anyOf", json::array{std::move(names), std::move(both)}}};
}

}  // namespace

json::object config_schema() {
    json::object servers{{"type", "object"},
                         {"description", "The servers by name."},
                         {"propertyNames", json::object{{"minLength", 1}}},
                         {"additionalProperties", json::object{{"$ref", "#/$defs/server"}}}};
    json::object properties;
    json::array one_of_them;
    for (const auto key : server_maps) {
        properties[key] = servers;
        one_of_them.push_back(json::object{{"required", json::array{json::value(key)}}});
    }
    properties["defaults"] = json::object{{"$ref", "#/$defs/defaults"}};
    properties["manager"] = json::object{{"$ref", "#/$defs/manager"}};
    properties["inputs"] = json::object{{"type", "array"}, {"description", "VS Code: what it asks for."}};
    json::object defaults = closed_object(option_properties());
    defaults["description"] = "Options for all servers; an entry's own come first.";
    json::object manager = closed_object(ParameterTable<ManagerOptions>::schema());
    manager["description"] = "How the servers are treated as a fleet.";
    return {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
            {"title", "MCP servers"},
            {"description", "Servers for haive-mcp and other MCP hosts. Numbers of time are seconds."},
            {"type", "object"},
            {"properties", std::move(properties)},
            {"oneOf", std::move(one_of_them)},
            {"$defs", json::object{{"server", server_schema()},
                                   {"defaults", std::move(defaults)},
                                   {"manager", std::move(manager)},
                                   {"pool", closed_object(ParameterTable<PoolOptions>::schema())},
                                   {"name_filter", name_filter()}}}};
}

std::string config_schema_text() { return pretty_json(config_schema()) + "\n"; }

}  // namespace haive::mcp
