#include "config/server_entry.hpp"

#include "config/parameter_table.hpp"
#include "config/variable_expansion.hpp"
#include "haive/mcp/config/server_url.hpp"
#include "haive/mcp/connection/connection.hpp"
#include "haive/mcp/transport/docker.hpp"
#include "haive/mcp/transport/stdio.hpp"

#include <boost/json/serialize.hpp>

#include <stdexcept>

namespace haive::mcp {

namespace {

namespace json = boost::json;

/// Reads an entry key by key and remembers the first thing that is wrong.
class EntryReader {
public:
    EntryReader(ServerConfig& server, const VariableLookup& variable) : server_(server), variable_(variable) {}

    void read(std::string_view key, const json::value& value);
    [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }
    [[nodiscard]] bool unknown() const { return unknown_; }

    std::string command, url, type, docker_image;
    std::vector<std::string> args;
    StdioOptions stdio;
    HttpOptions http;

private:
    void fail(std::string_view key, const std::string& what) {
        if (!problem_) {
            problem_ =
                Error(ErrorKind::invalid_config, "server '" + server_.name + "': " + std::string(key) + " " + what);
        }
    }
    std::string text(std::string_view key, const json::value& value) {
        if (!value.is_string()) {
            fail(key, "must be a string");
            return {};
        }
        auto expanded = expand_variables(std::string_view(value.get_string()), variable_);
        if (expanded.has_value()) return std::move(*expanded);
        fail(key, "cannot be filled in: " + expanded.error().message());
        if (problem_->details().mend.empty()) problem_->set_mend(expanded.error().details().mend);
        return {};
    }
    std::vector<std::string> texts(std::string_view key, const json::value& value) {
        std::vector<std::string> out;
        if (!value.is_array()) {
            fail(key, "must be an array of strings");
            return out;
        }
        for (const auto& element : value.get_array()) {
            out.push_back(text(std::string(key) + "[" + std::to_string(out.size()) + "]", element));
        }
        return out;
    }
    /// Numbers and booleans are what people mean by their text.
    std::string variable_text(const std::string& key, const json::value& value) {
        if (value.is_bool()) return value.get_bool() ? "true" : "false";
        if (value.is_number()) return json::serialize(value);
        return text(key, value);
    }

    ServerConfig& server_;
    const VariableLookup& variable_;
    std::optional<Error> problem_;
    bool unknown_ = false;
};

void EntryReader::read(std::string_view key, const json::value& value) {
    unknown_ = false;
    if (key == "command") {
        command = text(key, value);
    } else if (key == "args") {
        args = texts(key, value);
    } else if (key == "cwd") {
        stdio.cwd = text(key, value);
    } else if (key == "url" || key == "serverUrl") {
        url = text(key, value);
    } else if (key == "type" || key == "transport") {
        type = text(key, value);
    } else if (key == "env") {
        if (!value.is_object()) return fail(key, "must be an object of strings");
        for (const auto& [name, content] : value.get_object()) {
            stdio.env[std::string(name)] = variable_text("env." + std::string(name), content);
        }
    } else if (key == "headers") {
        if (!value.is_object()) return fail(key, "must be an object of strings");
        for (const auto& [name, content] : value.get_object()) {
            http.headers.emplace_back(std::string(name), variable_text("headers." + std::string(name), content));
        }
    } else if (key == "ca_file") {
        http.ca_file = text(key, value);
    } else if (key == "client_certificate") {
        http.client_certificate = text(key, value);
    } else if (key == "client_key") {
        http.client_key = text(key, value);
    } else if (key == "proxy") {
        http.proxy = text(key, value);
    } else if (key == "inherit_env") {
        if (value.is_bool()) {
            stdio.inherit_all = value.get_bool();
        } else {
            stdio.inherit = texts(key, value);
        }
    } else if (key == "disabled") {
        if (!value.is_bool()) return fail(key, "must be true or false");
        server_.disabled = value.get_bool();
    } else if (key == "enabled") {
        if (!value.is_bool()) return fail(key, "must be true or false");
        server_.disabled = !value.get_bool();
    } else if (key == "era") {
        const std::string era = text(key, value);
        if (era == "auto") {
            server_.options.client.era = EraPreference::automatic;
        } else if (era == "legacy") {
            server_.options.client.era = EraPreference::legacy;
        } else if (era == "modern") {
            server_.options.client.era = EraPreference::modern;
        } else {
            fail(key, "must be auto, legacy or modern");
        }
    } else if (key == "max_message_bytes") {
        const auto* number = value.if_int64();
        if (number == nullptr || *number < 1024) return fail(key, "must be a whole number of at least 1024");
        stdio.max_message_bytes = static_cast<std::size_t>(*number);
        http.max_message_bytes = stdio.max_message_bytes;
    } else {
        std::string what;
        const auto outcome = set_parameter(server_.options, key, value, what);
        if (outcome == ParameterOutcome::wrong) fail(key, what);
        unknown_ = outcome == ParameterOutcome::unknown;
    }
}

/// Keys of other hosts that change nothing here.
bool is_decoration(std::string_view key) {
    for (const std::string_view known :
         {"description", "name", "title", "icon", "autoApprove", "alwaysAllow", "trust", "$schema", "note", "comment",
          "tools", "timeout", "oauth", "auth", "gallery", "version", "bearer_token_env_var"}) {
        if (key == known) return true;
    }
    return key.starts_with("_") || key.starts_with("//");
}

/// The library's exceptions name it first, which says nothing to the reader of a file.
std::string without_namespace(std::string_view text) {
    constexpr std::string_view head = "haive::mcp: ";
    return std::string(text.starts_with(head) ? text.substr(head.size()) : text);
}

Error missing_command(const std::string& name) {
    Error error(ErrorKind::invalid_config, "server '" + name + "': it has neither a command nor a url");
    error.set_mend(R"(write "command": "PROGRAM", "args": [...], or "url": "https://...")");
    return error;
}

Result<std::shared_ptr<MCPTransport>> make_transport(EntryReader& reader, const std::string& name) {
    if (!reader.url.empty()) {
        auto transport = transport_for_url(reader.url, reader.type, std::move(reader.http));
        if (transport) return transport;
        Error error = transport.error();
        error.edit().message = "server '" + name + "': " + error.message();
        return error;
    }
    if (reader.command.empty()) return missing_command(name);
    if (!reader.type.empty() && reader.type != "stdio") {
        return Error(ErrorKind::invalid_config,
                     "server '" + name + "': transport type '" + reader.type + "' needs a url, not a command");
    }
    return std::make_shared<StdioTransport>(std::move(reader.command), std::move(reader.args), std::move(reader.stdio));
}

}  // namespace

Result<ServerConfig> parse_server_entry(std::string name, const json::object& entry, const ConnectionOptions& defaults,
                                        const VariableLookup& variable, std::vector<std::string>& warnings) {
    ServerConfig server;
    server.name = std::move(name);
    server.options = defaults;
    EntryReader reader(server, variable);
    for (const auto& [key, value] : entry) {
        reader.read(key, value);
        if (reader.unknown() && !is_decoration(key)) {
            warnings.push_back("server '" + server.name + "': unknown key '" + std::string(key) + "' is ignored");
        }
    }
    // A server that is switched off may be incomplete: an unset variable there hurts nobody.
    if (reader.problem() && !server.disabled) return *reader.problem();
    if (reader.problem()) {
        server.unusable = reader.problem()->message();
        return server;
    }
    auto transport = make_transport(reader, server.name);
    if (transport.has_error()) {
        // A transport of another host's is no reason to lose the other servers.
        const bool incomplete = reader.url.empty() && reader.command.empty();
        if (incomplete && !server.disabled) return transport.error();
        server.unusable = transport.error().message();
        return server;
    }
    server.transport = std::move(*transport);
    try {
        MCPConnection probe(server.name, server.transport, server.options);  // checks the ranges
    } catch (const std::invalid_argument& wrong) {
        Error error(ErrorKind::invalid_config, "server '" + server.name + "': " + without_namespace(wrong.what()));
        if (!server.disabled) return error;
        server.transport = nullptr;
        server.unusable = error.message();
    }
    return server;
}

}  // namespace haive::mcp
