#include "cli/arguments.hpp"

#include "cli/exit_code.hpp"
#include "cli/help_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

namespace haive::mcp::cli {

namespace {

/// `90`, `1.5`, `500ms`, `30s`, `2m`, `1h`: seconds.
std::optional<double> parse_duration(const std::string& text) {
    std::size_t used = 0;
    double value = 0;
    try {
        value = std::stod(text, &used);
    } catch (const std::exception&) {
        return std::nullopt;
    }
    static const std::map<std::string, double> units{{"", 1}, {"s", 1}, {"ms", 0.001}, {"m", 60}, {"h", 3600}};
    const auto unit = units.find(text.substr(used));
    if (unit == units.end() || !std::isfinite(value) || value < 0) return std::nullopt;
    return value * unit->second;
}

void add_duration(CLI::App& app, const std::string& name, std::optional<double>& target, const std::string& help,
                  bool zero_is_fine = false) {
    app.add_option_function<std::string>(
           name,
           [&target, name, zero_is_fine](const std::string& text) {
               target = parse_duration(text);
               if (!target)
                   throw CLI::ValidationError(name, "'" + text + "' is no duration: 5, 0.5, 500ms, 30s, 2m, 1h");
               if (*target == 0 && !zero_is_fine) throw CLI::ValidationError(name, "must be above zero");
           },
           help)
        ->type_name("DUR");
}

const std::vector<std::string> log_levels{"trace", "debug", "info", "warn", "error", "off"};

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

/// An option whose value is one of a few words; `chosen` gets its place.
void add_choice(CLI::App& app, const std::string& name, const std::vector<std::string>& words, const std::string& help,
                const std::function<void(std::size_t)>& chosen) {
    app.add_option_function<std::string>(
           name,
           [=](const std::string& text) {
               const auto found = std::ranges::find(words, text);
               if (found == words.end()) throw CLI::ValidationError(name, "'" + text + "' is none of " + joined(words));
               chosen(static_cast<std::size_t>(found - words.begin()));
           },
           help + ": " + joined(words))
        ->type_name(name == "--era" ? "ERA" : "LEVEL");
}

/// An option whose value is a whole number within limits.
template <class Number, class Target>
void add_number(CLI::App& app, const std::string& name, Target& target, Number most, const std::string& help) {
    app.add_option_function<std::string>(
           name,
           [&target, name, most](const std::string& text) {
               Number value{};
               const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
               if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > most) {
                   throw CLI::ValidationError(name,
                                              "'" + text + "' is no whole number from 1 to " + std::to_string(most));
               }
               target = value;
           },
           help)
        ->type_name("N");
}

void add_common(CLI::App& app, Invocation& run) {
    app.add_option("--config", run.config, "configuration (default: ./mcp.json, else the user's)")->type_name("FILE");
    add_duration(app, "--timeout", run.timeout, "longest wait, for connecting and for each call");
    add_choice(app, "--era", {"auto", "legacy", "modern"}, "protocol era",
               [&run](std::size_t chosen) { run.era = static_cast<EraPreference>(chosen); });
    add_choice(app, "--log", log_levels, "log to stderr", [&run](std::size_t chosen) { run.log = log_levels[chosen]; });
    app.add_flag("--json", run.json, "machine-readable output");
    app.add_flag("-q,--quiet", run.quiet, "print results only");
    app.add_flag("--no-color", run.no_color, "no colours (also: the variable NO_COLOR)");
    app.add_option("--root", run.roots, "folder offered to the server as a root (default: this one)")
        ->type_name("DIR")
        ->allow_extra_args(false);
    app.add_flag("--no-roots", run.no_roots, "offer no roots");
    app.add_option("--env", run.env, "variable for a server given after --")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    app.add_option("--cwd", run.cwd, "working directory of a server given after --")->type_name("DIR");
    app.add_option("--header", run.headers, "HTTP header for a server given by URL")
        ->type_name("NAME:VALUE")
        ->allow_extra_args(false);
    app.add_option("--ca-file", run.ca_file, "certificates to trust, instead of the system's")->type_name("FILE");
    static const std::vector<std::string> transports{"auto", "http", "sse"};
    add_choice(app, "--transport", transports, "what a server given by URL speaks",
               [&run](std::size_t chosen) { run.transport = chosen == 0 ? std::string() : transports[chosen]; });
}

CLI::App* add_command(CLI::App& app, Invocation& run, const std::string& name, const std::string& help,
                      const std::string& operands) {
    CLI::App* command = app.add_subcommand(name, help);
    command->fallthrough();
    command->footer(operands);
    command->add_option("operands", run.operands, "")->group("");
    command->callback([&run, name] { run.command = name; });
    return command;
}

/// What a command that runs for long can tell the world.
void add_observing(CLI::App& app, Invocation& run) {
    app.add_option("--metrics", run.metrics, "serve metrics for Prometheus at http://ADDR/metrics (PORT: on 127.0.0.1)")
        ->type_name("ADDR");
    app.add_option("--otlp", run.otlp, "send metrics and traces to a collector (http...), or append them to a file")
        ->type_name("URL|FILE");
    app.add_option("--log-file", run.log_file, "append a line of JSON for every change; rotated at 10 MB")
        ->type_name("FILE");
    app.add_option("--record", run.record, "write the last moments of every server, at the end and on SIGUSR1")
        ->type_name("FILE");
}

void add_commands(CLI::App& app, Invocation& run) {
    add_command(app, run, "tools", "list what a server can do, or all of them", "[SERVER]");
    add_command(app, run, "resources", "list what a server lets one read", "SERVER");
    add_command(app, run, "prompts", "list a server's prompts", "SERVER");
    auto* call = add_command(app, run, "call", "call a tool, of a server or of whichever has it",
                             "[SERVER] TOOL [KEY=VALUE | KEY:=JSON]...");
    call->add_option("--args", run.args_json, "all arguments as one JSON object; - reads it from stdin")
        ->type_name("JSON");
    add_command(app, run, "read", "read a resource", "SERVER URI");
    add_command(app, run, "prompt", "get a prompt", "SERVER NAME [KEY=VALUE]...");
    auto* health = add_command(app, run, "health", "check a server's health, as ping does a host's", "SERVER");
    add_number(*health, "-c,--count", run.count, 1'000'000, "how many (default 4)");
    add_duration(*health, "-i,--interval", run.interval, "between checks (default 1 s)", true);
    add_observing(*health, run);
    auto* monitor =
        add_command(app, run, "monitor", "connect to servers, keep them alive, show how they are", "[SERVER]...");
    add_duration(*monitor, "--for", run.duration, "end after this long (default: until Ctrl-C)");
    add_duration(*monitor, "-i,--interval", run.interval, "between health checks (default: the configuration's)");
    add_observing(*monitor, run);
    add_command(app, run, "status", "connect to servers and say once how they are", "[SERVER]...");
    add_command(app, run, "explain", "say what state a server is in, and why, and what would mend it", "SERVER");
    auto* bench =
        add_command(app, run, "bench", "measure a tool: latency, rate, CPU", "SERVER TOOL [KEY=VALUE | KEY:=JSON]...");
    bench->add_option("--args", run.args_json, "all arguments as one JSON object; - reads it from stdin")
        ->type_name("JSON");
    add_number(*bench, "--concurrency", run.concurrency, 1000, "calls in flight (default 1)");
    add_number(*bench, "--calls", run.calls, 1'000'000'000L, "calls in all (default 1000)");
    add_duration(*bench, "--for", run.duration, "instead of --calls: measure this long");
    add_observing(*bench, run);
    add_command(app, run, "servers", "list the configured servers", "");
    auto* config = add_command(app, run, "config", "check, show, describe (schema) or import configurations",
                               "check [FILE] | show [SERVER]... | schema | import [SERVER]...");
    config->add_flag("--list", run.list, "import: only list the configurations of other programs");
    config->add_option("--from", run.from, "import: from this program's configurations, or this file")
        ->type_name("CLIENT");
    config->add_option("--to", run.to, "import: into this file (default: the configuration)")->type_name("FILE");
    add_command(app, run, "demo", "show it all, with built-in servers, no network and nothing installed", "");
    add_command(app, run, "completions", "print shell completions", "bash|zsh|fish");
    add_command(app, run, "version", "print the version", "");
}

}  // namespace

Parsed parse_arguments(int argc, char** argv) {
    Parsed parsed;
    Invocation& run = parsed.invocation;
    // A server's command line is its own: nothing after `--` is ours to read.
    std::vector<std::string> ours;
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--") {
            run.server_command.assign(argv + i + 1, argv + argc);
            if (run.server_command.empty()) {
                std::fputs("haive-mcp: there is no command after --\n", stderr);
                parsed.exit_now = exit_usage;
                return parsed;
            }
            break;
        }
        ours.emplace_back(argv[i]);
    }

    CLI::App app{"Connects to MCP servers and keeps the connections healthy.\n\n"
                 "SERVER is a name from the configuration, a URL (http, https, ws, wss, unix, tcp), or it is\n"
                 "left out and the server's command line comes last, after --:\n"
                 "  haive-mcp tools files\n"
                 "  haive-mcp tools https://host.example/mcp\n"
                 "  haive-mcp call echo text=hi -- npx -y SOME-SERVER DIR",
                 "haive-mcp"};
    app.formatter(std::make_shared<HelpText>());
    app.require_subcommand(1);
    app.set_help_flag("-h,--help", "print this help");
    app.set_version_flag("--version", std::string("haive-mcp ") + HAIVE_MCP_VERSION, "print the version");
    add_common(app, run);
    add_commands(app, run);
    std::ranges::reverse(ours);
    try {
        app.parse(ours);
    } catch (const CLI::ParseError& stop) {
        if (stop.get_exit_code() == 0) {
            parsed.exit_now = app.exit(stop);  // help or version
        } else {
            std::fprintf(stderr, "haive-mcp: %s\n", mistake_text(app, stop).c_str());
            parsed.exit_now = exit_usage;
        }
    }
    return parsed;
}

}  // namespace haive::mcp::cli
