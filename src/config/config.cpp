#include "haive/mcp/config/config.hpp"

#include "config/json_document.hpp"
#include "config/parameter_table.hpp"
#include "config/server_entry.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace haive::mcp {

namespace {

namespace json = boost::json;

Error in_file(Error error, const std::string& file) {
    auto& details = error.edit();
    details.message = file + ": " + details.message;
    return error;
}

Error wrong(const std::string& what) { return Error(ErrorKind::invalid_config, what); }

Result<ConnectionOptions> parse_defaults(const json::value& value, std::vector<std::string>& warnings) {
    ConnectionOptions defaults;
    if (!value.is_object()) return wrong("defaults must be an object");
    for (const auto& [key, content] : value.get_object()) {
        std::string problem;
        switch (set_parameter(defaults, key, content, problem)) {
            case ParameterOutcome::set: break;
            case ParameterOutcome::wrong: return wrong("defaults." + std::string(key) + " " + problem);
            case ParameterOutcome::unknown:
                warnings.push_back("defaults: unknown key '" + std::string(key) + "' is ignored");
        }
    }
    return defaults;
}

Result<Config> read_document(const json::value& document, const VariableLookup& variable) {
    if (!document.is_object()) return wrong("the document must be an object with \"mcpServers\"");
    const json::object& root = document.get_object();
    const json::value* servers = root.if_contains("mcpServers");
    if (servers == nullptr) servers = root.if_contains("servers");
    if (servers == nullptr) {
        Error error = wrong("there is no \"mcpServers\" in it");
        error.set_mend(R"(write {"mcpServers": {"NAME": {"command": "PROGRAM", "args": [...]}}})");
        return error;
    }
    if (!servers->is_object()) return wrong("\"mcpServers\" must be an object: {NAME: {\"command\": ...}}");

    Config config;
    ConnectionOptions defaults;
    if (const json::value* given = root.if_contains("defaults")) {
        auto parsed = parse_defaults(*given, config.warnings);
        if (parsed.has_error()) return parsed.error();
        defaults = std::move(*parsed);
    }
    for (const auto& [name, entry] : servers->get_object()) {
        if (name.empty()) return wrong("a server has an empty name");
        if (!entry.is_object()) return wrong("server '" + std::string(name) + "' must be an object");
        auto server = parse_server_entry(std::string(name), entry.get_object(), defaults, variable, config.warnings);
        if (server.has_error()) return server.error();
        config.servers.push_back(std::move(*server));
    }
    return config;
}

std::optional<std::string> from_environment(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

const ServerConfig* Config::find(std::string_view name) const noexcept {
    for (const auto& server : servers) {
        if (server.name == name) return &server;
    }
    return nullptr;
}

Result<Config> parse_config(std::string_view text, std::string file, const VariableLookup& variable) {
    auto document = parse_json_document(text);
    if (document.has_error()) return in_file(document.error(), file);
    auto config = read_document(*document, variable);
    if (config.has_error()) return in_file(config.error(), file);
    config->file = std::move(file);
    return config;
}

Result<Config> load_config(const std::string& file) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored))
        return wrong("'" + file + "' is a directory, not a configuration");
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    if (!stream || !(text << stream.rdbuf())) {
        if (stream.is_open() && stream.peek() == std::ifstream::traits_type::eof()) {
            return wrong(file + ": the file is empty");
        }
        return wrong("cannot read '" + file + "': " + std::strerror(errno));
    }
    return parse_config(text.str(), file, from_environment);
}

std::optional<std::string> find_config_file() {
    std::vector<std::string> places{"mcp.json"};
    if (const auto folder = from_environment("XDG_CONFIG_HOME"); folder && !folder->empty()) {
        places.push_back(*folder + "/haive-mcp/mcp.json");
    } else if (const auto home = from_environment("HOME"); home && !home->empty()) {
        places.push_back(*home + "/.config/haive-mcp/mcp.json");
    }
    for (const auto& place : places) {
        if (access(place.c_str(), F_OK) == 0) return place;
    }
    return std::nullopt;
}

}  // namespace haive::mcp
