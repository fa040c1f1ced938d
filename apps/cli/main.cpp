#include "cli/commands.hpp"
#include "cli/log_sink.hpp"
#include "cli/observing.hpp"
#include "haive/mcp/config/config.hpp"
#include "haive/mcp/connection/connection.hpp"

#include <boost/json/serialize.hpp>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>

namespace haive::mcp::cli {

int fail(const Context& context, const Error& error) {
    std::fflush(stdout);
    if (context.run.json) {
        json::object out;
        out["error"] = to_string(error.kind());
        out["message"] = error.summary();
        out["disposition"] = to_string(error.disposition());
        const auto& details = error.details();
        if (!details.mend.empty()) out["mend"] = details.mend;
        if (!details.stderr_tail.empty()) out["stderr_tail"] = details.stderr_tail;
        if (details.exit_code) out["exit_code"] = *details.exit_code;
        if (details.exit_signal) out["exit_signal"] = *details.exit_signal;
        if (details.rpc_code) out["rpc_code"] = *details.rpc_code;
        std::fprintf(stderr, "%s\n", json::serialize(out).c_str());
    } else {
        std::fprintf(stderr, "haive-mcp: %s\n", error.to_string().c_str());
    }
    return exit_code_of(error.kind());
}

int misuse(const std::string& text) {
    std::fprintf(stderr, "haive-mcp: %s\n", text.c_str());
    return exit_usage;
}

int refuse_operands(const Context& context) {
    if (context.run.operands.empty()) return exit_ok;
    return misuse("unexpected '" + context.run.operands.front() + "'; see haive-mcp " + context.run.command +
                  " --help");
}

Connected::Connected(Context& context, const ServerConfig& server) : context_(context) {
    ConnectionOptions options = server.options;
    options.runtime = context.runtime;
    connection_ = std::make_unique<MCPConnection>(server.name, server.transport, std::move(options));
    connection_->set_event_listener([this](const Event& event) {
        const auto* asked = std::get_if<ServerRequestEvent>(&event.what);
        if (asked != nullptr && asked->method == "roots/list") gave_roots_ = true;
    });
}

Connected::~Connected() {
    (void)connection_->disconnect().wait();
    connection_->set_event_listener({});
}

int Connected::connect() {
    auto client = context_.interrupt.wait(connection_->connect());
    if (client.has_error()) return fail(context_, client.error());
    client_ = std::move(*client);
    return exit_ok;
}

void Connected::settle() {
    if (gave_roots_)
        (void)context_.interrupt.sleep_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(300));
}

namespace {

int version_command(Context& context) {
    if (const int code = refuse_operands(context); code != exit_ok) return code;
    std::printf("haive-mcp %s\n", HAIVE_MCP_VERSION);
    return exit_ok;
}

int run(const Invocation& invocation) {
    static const std::map<std::string, int (*)(Context&)> commands{
        {"tools", list_tools_command},
        {"resources", list_resources_command},
        {"prompts", list_prompts_command},
        {"call", call_command},
        {"read", read_command},
        {"prompt", prompt_command},
        {"health", health_command},
        {"monitor", monitor_command},
        {"status", status_command},
        {"explain", explain_command},
        {"bench", bench_command},
        {"demo", demo_command},
        {"completions", completions_command},
        {"servers", list_servers_command},
        {"config", config_command},
        {"version", version_command},
    };
    Interrupt interrupt;
    Terminal terminal(invocation.no_color);
    const auto command = commands.at(invocation.command);
    RuntimeParts parts;
    const std::string level = invocation.log;
    Observing observing(invocation, interrupt);
    const auto begun = observing.begin(parts, make_log_sink(level, terminal.err_has_colours()));
    Context context{invocation, terminal, interrupt, nullptr};
    if (begun.has_error()) return fail(context, begun.error());
    context.runtime = Runtime::threaded(std::move(parts));
    int code = command(context);
    if (!observing.finish() && code == exit_ok) code = exit_usage;
    if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && !terminal.reader_left()) {
        code = misuse(std::string("the output cannot be written: ") + std::strerror(errno));
    }
    return interrupt.requested() ? exit_interrupted : code;
}

}  // namespace

}  // namespace haive::mcp::cli

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);  // a reader of our output that left is noticed by the write
    auto parsed = haive::mcp::cli::parse_arguments(argc, argv);
    if (parsed.exit_now) return *parsed.exit_now;
    try {
        return haive::mcp::cli::run(parsed.invocation);
    } catch (const std::exception& error) {
        std::string_view text = error.what();
        constexpr std::string_view library = "haive::mcp: ";
        if (text.starts_with(library)) text.remove_prefix(library.size());
        return haive::mcp::cli::misuse(std::string(text));
    }
}
