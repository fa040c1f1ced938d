#include "cli/server_choice.hpp"

#include "cli/nearest.hpp"
#include "haive/mcp/config/server_url.hpp"
#include "haive/mcp/transport/stdio.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace haive::mcp::cli {

namespace {

Error wrong(std::string text, std::string mend = {}) {
    Error error(ErrorKind::invalid_config, std::move(text));
    if (!mend.empty()) error.set_mend(std::move(mend));
    return error;
}

std::string names_of(const Config& config) {
    std::string out;
    for (const auto& server : config.servers) out += (out.empty() ? "" : ", ") + server.name;
    return out.empty() ? "none" : out;
}

}  // namespace

Result<ServerConfig> named_server(const Config& config, const std::string& name) {
    const ServerConfig* server = config.find(name);
    if (server == nullptr) {
        std::vector<std::string> names;
        for (const auto& one : config.servers) names.push_back(one.name);
        const std::string meant = did_you_mean(name, names);
        return wrong("'" + name + "' is not in " + config.file + " (it has: " + names_of(config) + ")",
                     meant.empty() ? "use one of these names, a URL, or give a command line after --" : meant);
    }
    return *server;
}

namespace {

Result<ServerConfig> find_server(const Config& config, const std::string& name) {
    auto server = named_server(config, name);
    if (server && !server->transport) return wrong("server '" + name + "': " + server->unusable);
    return server;
}

/// What the command's options change on any server.
void apply_options(const Invocation& run, ServerConfig& server) {
    ConnectionOptions& options = server.options;
    if (run.era != EraPreference::automatic) options.client.era = run.era;
    if (run.timeout) {
        options.connection_timeout = Seconds(*run.timeout);
        options.request_timeout = Seconds(*run.timeout);
    }
    options.client.name = "haive-mcp";
    options.client.title = "haive-mcp command";
    options.client.version = HAIVE_MCP_VERSION;
    if (run.no_roots) return;
    std::vector<std::string> folders = run.roots;
    if (folders.empty()) folders.emplace_back(".");
    for (const auto& folder : folders) {
        const auto path = std::filesystem::weakly_canonical(folder);
        options.client.roots.emplace_back(file_uri(path.string()), path.filename().string());
    }
}

Result<ServerConfig> server_from_command_line(const Invocation& run) {
    StdioOptions stdio;
    stdio.cwd = run.cwd;
    for (const auto& variable : run.env) {
        const std::size_t equals = variable.find('=');
        if (equals == std::string::npos || equals == 0) return wrong("--env wants NAME=VALUE, not '" + variable + "'");
        stdio.env[variable.substr(0, equals)] = variable.substr(equals + 1);
    }
    ServerConfig server;
    const std::filesystem::path program(run.server_command.front());
    server.name = program.filename().empty() ? program.string() : program.filename().string();
    if (server.name.empty()) return wrong("the command after -- is empty");
    // `npx -y @scope/server-name DIR`: the package says more than the launcher.
    if (server.name == "npx" || server.name == "uvx") {
        for (std::size_t i = 1; i < run.server_command.size(); ++i) {
            const std::string& arg = run.server_command[i];
            if (arg.empty() || arg.front() == '-') continue;
            server.name = arg.substr(arg.rfind('/') + 1);
            break;
        }
    }
    server.transport = std::make_shared<StdioTransport>(
        run.server_command.front(), std::vector<std::string>(run.server_command.begin() + 1, run.server_command.end()),
        std::move(stdio));
    // A first start may download packages.
    server.options.connection_timeout = Seconds(60);
    return server;
}

/// `--header 'Name: value'` of the command line.
Result<HttpOptions> http_options(const Invocation& run) {
    HttpOptions options;
    for (const auto& header : run.headers) {
        const std::size_t colon = header.find(':');
        if (colon == std::string::npos || colon == 0) return wrong("--header wants 'NAME: VALUE'");
        const std::size_t value = header.find_first_not_of(' ', colon + 1);
        options.headers.emplace_back(header.substr(0, colon),
                                     value == std::string::npos ? std::string() : header.substr(value));
    }
    options.ca_file = run.ca_file;
    return options;
}

Result<ServerConfig> server_from_url(const Invocation& run, const std::string& url) {
    auto options = http_options(run);
    if (options.has_error()) return options.error();
    auto transport = transport_for_url(url, run.transport, std::move(*options));
    if (transport.has_error()) return transport.error();
    ServerConfig server;
    server.transport = std::move(*transport);
    server.name = server.transport->describe();
    return server;
}

/// A name that none of the others has: two URLs may differ only in what is not shown of them.
std::string unlike(std::string name, const std::vector<ServerConfig>& others) {
    const auto taken = [&](const std::string& one) {
        return std::ranges::find(others, one, &ServerConfig::name) != others.end();
    };
    std::string out = name;
    for (int number = 2; is_server_url(name) && taken(out); ++number) out = name + " #" + std::to_string(number);
    return out;
}

}  // namespace

Result<std::string> chosen_config_file(const Invocation& run) {
    if (!run.config.empty()) return run.config;
    auto found = find_config_file();
    if (found) return *found;
    return wrong("there is no configuration: neither ./mcp.json nor the user's haive-mcp/mcp.json",
                 "write one, name one with --config, or give a URL, or the server's command after --");
}

Result<Config> read_config(const Invocation& run) {
    const auto file = chosen_config_file(run);
    if (file.has_error()) return file.error();
    auto config = load_config(*file);
    if (config && !run.quiet) {
        for (const auto& warning : config->warnings) std::fprintf(stderr, "%s: %s\n", file->c_str(), warning.c_str());
    }
    return config;
}

std::string file_uri(const std::string& path) {
    std::string out = "file://";
    for (const char c : path) {
        const auto u = static_cast<unsigned char>(c);
        const bool plain = (u >= '0' && u <= '9') || (u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z') ||
                           std::string_view("-._~/").find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "%%%02X", u);
            out += escaped;
        }
    }
    return out;
}

Result<ServerConfig> choose_server(Invocation& run) {
    Result<ServerConfig> server = wrong("which server? Give a name from the configuration, a URL, or a command line "
                                        "after --");
    if (!run.server_command.empty()) {
        server = server_from_command_line(run);
    } else if (!run.operands.empty()) {
        const std::string name = run.operands.front();
        run.operands.erase(run.operands.begin());
        if (is_server_url(name)) {
            server = server_from_url(run, name);
        } else {
            auto config = read_config(run);
            if (config.has_error()) return config.error();
            server = find_server(*config, name);
        }
    }
    if (server) apply_options(run, *server);
    return server;
}

Result<FleetChoice> choose_fleet(Invocation& run) {
    FleetChoice out;
    if (!run.server_command.empty()) {
        auto server = choose_server(run);
        if (server.has_error()) return server.error();
        out.servers.push_back(std::move(*server));
        return out;
    }
    const bool only_urls = !run.operands.empty() && std::ranges::all_of(run.operands, is_server_url);
    Result<Config> config = only_urls ? Result<Config>(Config()) : read_config(run);
    if (config.has_error()) return config.error();
    out.manager = config->manager;
    if (run.operands.empty()) {
        for (const auto& server : config->servers) {
            if (!server.disabled) (server.transport ? out.servers : out.unusable).push_back(server);
        }
        if (out.servers.empty() && out.unusable.empty()) {
            return wrong(config->file + " has no server that can be connected");
        }
    }
    for (const auto& name : run.operands) {
        auto server = is_server_url(name) ? server_from_url(run, name) : find_server(*config, name);
        if (server.has_error()) return server.error();
        server->name = unlike(std::move(server->name), out.servers);
        out.servers.push_back(std::move(*server));
    }
    for (auto& server : out.servers) apply_options(run, server);
    return out;
}

}  // namespace haive::mcp::cli
