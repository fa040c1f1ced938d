#include "config/server_entry.hpp"

#include "config/entry_keys.hpp"
#include "config/env_file.hpp"
#include "config/json_places.hpp"
#include "haive/mcp/config/server_url.hpp"
#include "haive/mcp/transport/stdio.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace haive::mcp {

namespace {

namespace json = boost::json;

/// Reads an entry key by key.
class EntryReader {
public:
    EntryReader(std::string where, ServerOptions& options, const ExpansionSources& sources, ConfigNotes& notes)
        : stdio(options.stdio),
          http(options.http),
          options_(options),
          sources_(sources),
          notes_(notes),
          where_(std::move(where)) {}

    /// False when the key means nothing.
    bool read(std::string_view key, const json::value& value, const std::string& pointer);

    std::string command, url, type, env_file;
    std::string url_key, env_file_at;
    std::vector<std::string> args;
    StdioOptions& stdio;
    HttpOptions& http;
    bool disabled = false;
    bool extension = false;

private:
    void fail(const std::string& pointer, std::string_view key, const std::string& what, std::string mend = {}) {
        notes_.fail({pointer, false, where_ + std::string(key) + " " + what, std::move(mend)});
    }
    bool read_reach(std::string_view key, const json::value& value, const std::string& pointer);
    bool read_http(std::string_view key, const json::value& value, const std::string& pointer);
    bool read_process(std::string_view key, const json::value& value, const std::string& pointer);
    bool read_switch(std::string_view key, const json::value& value, const std::string& pointer);

    std::string text(std::string_view key, const json::value& value, const std::string& pointer) {
        if (!value.is_string()) {
            fail(pointer, key, "must be a string", "put it in double quotes");
            return {};
        }
        auto expanded = expand_variables(std::string_view(value.get_string()), sources_);
        if (expanded.has_value()) return std::move(*expanded);
        const Error& why = expanded.error();
        notes_.fail({pointer, false, where_ + std::string(key) + " cannot be filled in: " + why.message(),
                     why.details().mend, why.message() + " (" + std::string(key)});
        return {};
    }
    std::vector<std::string> texts(std::string_view key, const json::value& value, const std::string& pointer) {
        std::vector<std::string> out;
        if (!value.is_array()) {
            fail(pointer, key, "must be an array of strings", "write \"" + std::string(key) + R"(": ["...", "..."])");
            return out;
        }
        for (const auto& element : value.get_array()) {
            const std::string index = std::to_string(out.size());
            out.push_back(text(std::string(key) + "[" + index + "]", element, pointer + '/' + index));
        }
        return out;
    }
    /// Name and value pairs. Numbers and booleans are what people mean by their text.
    template <class Add>
    void pairs(const std::string& key, const json::value& value, const std::string& pointer, Add add) {
        if (!value.is_object()) {
            return fail(pointer, key, "must be an object of strings", "write \"" + key + R"(": {"NAME": "value"})");
        }
        for (const auto& [name, content] : value.get_object()) {
            const std::string at = pointer_to(pointer, name);
            std::string plain;
            if (content.is_bool()) {
                plain = content.get_bool() ? "true" : "false";
            } else if (content.is_number()) {
                plain = json::serialize(content);
            } else {
                plain = text(key + "." + std::string(name), content, at);
            }
            add(std::string(name), std::move(plain));
        }
    }
    /// Older entries of Zed: {"path", "args", "env"}.
    void read_command_object(const json::object& value, const std::string& pointer) {
        for (const auto& [key, content] : value) {
            const std::string at = pointer_to(pointer, key);
            if (key == "path") {
                command = text("command.path", content, at);
            } else if (content.is_null()) {
                continue;
            } else if (key == "args" || key == "env") {
                (void)read_process(key, content, at);
            }
        }
        if (command.empty()) fail(pointer, "command", "has no path", R"(write "command": "PROGRAM")");
    }

    ServerOptions& options_;
    const ExpansionSources& sources_;
    ConfigNotes& notes_;
    std::string where_;
};

bool EntryReader::read_reach(std::string_view key, const json::value& value, const std::string& pointer) {
    if (key == "command") {
        if (value.is_object()) {
            read_command_object(value.get_object(), pointer);
            return true;
        }
        command = text(key, value, pointer);
        if (value.is_string() && value.get_string().empty())
            fail(pointer, key, "is empty", "name the program to start");
    } else if (key == "url" || key == "serverUrl" || key == "httpUrl") {
        if (!url_key.empty()) {
            fail(pointer, key, "says a second time what \"" + url_key + "\" says", "leave one of the two out");
        }
        url_key = key;
        url = text(key, value, pointer);
        if (value.is_string() && value.get_string().empty()) fail(pointer, key, "is empty", "write https://...");
    } else if (key == "type" || key == "transport") {
        type = text(key, value, pointer);
    } else {
        return false;
    }
    return true;
}

bool EntryReader::read_process(std::string_view key, const json::value& value, const std::string& pointer) {
    if (key == "args") {
        args = texts(key, value, pointer);
    } else if (key == "cwd") {
        stdio.cwd = text(key, value, pointer);
    } else if (key == "env") {
        pairs("env", value, pointer,
              [this](std::string name, std::string content) { stdio.env[std::move(name)] = std::move(content); });
    } else if (key == "envFile") {
        env_file = text(key, value, pointer);
        env_file_at = pointer;
    } else if (key == "inherit_env") {
        if (value.is_bool()) {
            stdio.inherit_all = value.get_bool();
        } else {
            stdio.inherit = texts(key, value, pointer);
        }
    } else {
        return false;
    }
    return true;
}

bool EntryReader::read_http(std::string_view key, const json::value& value, const std::string& pointer) {
    if (key == "headers") {
        pairs("headers", value, pointer, [this](std::string name, std::string content) {
            http.headers.emplace_back(std::move(name), std::move(content));
        });
    } else if (key == "ca_file") {
        http.ca_file = text(key, value, pointer);
    } else if (key == "client_certificate") {
        http.client_certificate = text(key, value, pointer);
    } else if (key == "client_key") {
        http.client_key = text(key, value, pointer);
    } else if (key == "proxy") {
        http.proxy = text(key, value, pointer);
    } else if (key == "no_proxy") {
        http.no_proxy = text(key, value, pointer);
    } else {
        return false;
    }
    return true;
}

bool EntryReader::read_switch(std::string_view key, const json::value& value, const std::string& pointer) {
    if (key == "disabled" || key == "enabled") {
        if (!value.is_bool()) {
            fail(pointer, key, "must be true or false", "without quotes");
            return true;
        }
        disabled = value.get_bool() == (key == "disabled");
    } else if (key == "includeTools" || key == "enabledTools" || key == "excludeTools" || key == "disabledTools") {
        const bool allowed = key == "includeTools" || key == "enabledTools";
        auto& names = allowed ? options_.upstream.tools.allow : options_.upstream.tools.deny;
        auto more = texts(key, value, pointer);
        std::ranges::move(more, std::back_inserter(names));
        options_.set_at["tools"] = pointer;
    } else {
        return false;
    }
    return true;
}

bool EntryReader::read(std::string_view key, const json::value& value, const std::string& pointer) {
    return read_reach(key, value, pointer) || read_process(key, value, pointer) || read_http(key, value, pointer) ||
           read_switch(key, value, pointer) || set_server_option(options_, key, value, pointer, where_, notes_);
}

/// What people write from memory, and what it is called here.
std::string_view meant_by(std::string_view key) {
    constexpr std::array<std::array<std::string_view, 2>, 6> words{{{"cmd", "command"},
                                                                    {"arguments", "args"},
                                                                    {"environment", "env"},
                                                                    {"endpoint", "url"},
                                                                    {"working_directory", "cwd"},
                                                                    {"workingDirectory", "cwd"}}};
    for (const auto& [written, meant] : words) {
        if (key == written) return meant;
    }
    return {};
}

/// Variables of the file under those of the entry.
void add_env_file(EntryReader& reader, const std::string& where, const ExpansionSources& sources, ConfigNotes& notes) {
    if (reader.env_file.empty() || notes.error) return;
    const auto refuse = [&](const std::string& what, const std::string& mend, std::string missing = {}) {
        notes.fail({reader.env_file_at, false, where + "envFile " + what, mend, std::move(missing)});
    };
    // Its path may hold the values of variables, so it is not repeated.
    const auto text = sources.read_file ? sources.read_file(reader.env_file) : std::nullopt;
    if (!text) return refuse("cannot be read", "check its path and its rights", "a file cannot be read (envFile");
    auto variables = parse_env_file(*text);
    if (variables.has_error()) {
        return refuse("is broken: its " + variables.error().message(), variables.error().details().mend);
    }
    reader.stdio.env.merge(*variables);
}

/// Sets the transport, or says why there is none.
void make_transport(EntryReader& reader, const SocketOptions& socket, ServerConfig& server, const std::string& where,
                    const std::string& pointer, ConfigNotes& notes) {
    if (!reader.url.empty() && !reader.command.empty()) {
        return notes.fail({pointer_to(pointer, reader.url_key), true, where + "it has both a command and a url",
                           "leave one of the two out"});
    }
    if (!reader.url.empty()) {
        // A transport of another host's is no reason to lose the other servers.
        auto transport = transport_for_url(reader.url, reader.type, std::move(reader.http), socket);
        if (transport.has_error()) {
            server.unusable = transport.error().message();
        } else {
            server.transport = std::move(*transport);
        }
        return;
    }
    if (reader.command.empty() && reader.extension) {
        server.unusable = "it is an extension, which only its own program can start";
        return;
    }
    if (reader.command.empty()) {
        return notes.fail({pointer, true, where + "it has neither a command nor a url",
                           R"(write "command": "PROGRAM", "args": [...], or "url": "https://...")"});
    }
    if (!reader.type.empty() && reader.type != "stdio" && reader.type != "local") {
        server.unusable = "transport type '" + reader.type + "' needs a url, not a command";
        return;
    }
    server.transport =
        std::make_shared<StdioTransport>(std::move(reader.command), std::move(reader.args), std::move(reader.stdio));
}

}  // namespace

ServerConfig parse_server_entry(const std::string& name, const json::object& entry, const std::string& pointer,
                                ServerOptions& options, const ExpansionSources& sources, ConfigNotes& notes) {
    ServerConfig server;
    server.name = name;
    const std::string where = "server '" + name + "': ";
    ConfigNotes own;
    EntryReader reader(where, options, sources, own);
    const auto known = known_entry_keys();
    for (const auto& [key, value] : entry) {
        const std::string at = pointer_to(pointer, key);
        if (key == "settings" || (key == "source" && value == "extension")) reader.extension = true;
        if (reader.read(key, value, at) || is_foreign_key(key)) continue;
        if (const auto meant = meant_by(key); !meant.empty()) {
            own.fail({at, true, where + "unknown key '" + std::string(key) + "'",
                      "did you mean '" + std::string(meant) + "'?"});
        } else {
            note_unknown_key(key, at, where, known, own);
        }
    }
    server.disabled = reader.disabled;
    add_env_file(reader, where, sources, own);
    if (!own.error) make_transport(reader, options.socket, server, where, pointer, own);
    if (!own.error) {
        if (auto problem = check_server_options(options, pointer)) {
            problem->message = where + problem->message;
            own.fail(std::move(*problem));
        }
    }
    server.options = options.connection;
    server.upstream = options.upstream;
    server.pool = options.pool;
    std::ranges::move(own.warnings, std::back_inserter(notes.warnings));
    // A server that is switched off may be incomplete: an unset variable there hurts nobody.
    if (own.error && server.disabled) {
        server.transport = nullptr;
        server.unusable = own.error->message.substr(where.size());
    } else if (own.error && notes.leave_out && !own.error->missing.empty()) {
        server.transport = nullptr;
        notes.left_out = std::move(own.error);
    } else if (own.error) {
        notes.fail(std::move(*own.error));
    }
    return server;
}

}  // namespace haive::mcp
