#include "cli/config_command.hpp"
#include "cli/server_choice.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdio>

namespace haive::mcp::cli {

namespace {

namespace json = boost::json;

/// What becomes of a server: `ok`, or why it is left out.
std::string state_of(const ServerConfig& server) {
    if (server.disabled) return "disabled, left out";
    return server.transport ? "ok" : "cannot be used: " + server.unusable;
}

bool is_broken(const ServerConfig& server) { return !server.disabled && !server.transport; }

void print_json(const std::string& file, const Result<Config>& config, bool good) {
    json::object out{{"file", file}, {"ok", good}};
    if (config.has_error()) {
        out["error"] = config.error().message();
        out["mend"] = config.error().details().mend;
    } else {
        out["warnings"] = json::array(config->warnings.begin(), config->warnings.end());
        json::array servers;
        for (const auto& server : config->servers) {
            const std::string state = state_of(server);
            servers.push_back(json::object{{"name", server.name}, {"state", state}});
        }
        out["servers"] = std::move(servers);
    }
    std::puts(json::serialize(out).c_str());
}

void print_text(const Config& config, bool quiet) {
    for (const auto& warning : config.warnings) std::printf("%s: %s\n", config.file.c_str(), warning.c_str());
    std::size_t widest = 0;
    for (const auto& server : config.servers) widest = std::max(widest, server.name.size());
    for (const auto& server : config.servers) {
        if (quiet && !is_broken(server)) continue;
        std::printf("%-*s  %s\n", static_cast<int>(widest), server.name.c_str(), state_of(server).c_str());
    }
}

}  // namespace

int config_check_command(Context& context) {
    auto& run = context.run;
    if (!run.operands.empty()) {
        run.config = run.operands.front();
        run.operands.erase(run.operands.begin());
    }
    if (const int code = refuse_operands(context); code != exit_ok) return code;
    const auto file = chosen_config_file(run);
    if (file.has_error()) return fail(context, file.error());
    const auto config = load_config(*file);
    const bool good = config.has_value() && std::ranges::none_of(config->servers, is_broken);
    if (run.json) {
        print_json(*file, config, good);
    } else if (config.has_error()) {
        return fail(context, config.error());
    } else {
        print_text(*config, run.quiet);
        if (!run.quiet) {
            std::printf("%s: %zu server%s, %s\n", file->c_str(), config->servers.size(),
                        config->servers.size() == 1 ? "" : "s", good ? "no mistakes" : "not all can be used");
        }
    }
    return good ? exit_ok : exit_usage;
}

}  // namespace haive::mcp::cli
