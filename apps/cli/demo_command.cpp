// `demo`: the main job, shown with built-in servers: no network, nothing installed.
#include "cli/commands.hpp"
#include "cli/demo_web_server.hpp"
#include "cli/live_table.hpp"
#include "haive/mcp/connection/connection.hpp"
#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/memory.hpp"
#include "haive/mcp/transport/stdio.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace haive::mcp::cli {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A tool server inside this very process.
class ClockServer final : public MemoryServer {
public:
    void on_line(std::string_view line, const std::function<void(std::string)>& reply) override {
        auto parsed = parse_json(line);
        if (!parsed || !parsed->is_object() || !parsed->get_object().contains("id")) return;
        const auto& message = parsed->get_object();
        json::object answer{{"jsonrpc", "2.0"}, {"id", message.at("id")}};
        const std::string_view method = message.at("method").as_string();
        if (method == "initialize") {
            answer["result"] = json::object{{"protocolVersion", "2025-11-25"},
                                            {"capabilities", json::object{{"tools", json::object()}}},
                                            {"serverInfo", json::object{{"name", "in-process"}, {"version", "1"}}}};
        } else if (method == "tools/call") {
            const json::object text{{"type", "text"}, {"text", "answered inside the process"}};
            answer["result"] = json::object{{"content", json::array{text}}};
        } else if (method == "tools/list") {
            answer["result"] = json::object{{"tools", json::array()}};
        } else if (method == "ping") {
            answer["result"] = json::object();
        } else {
            answer["error"] = json::object{{"code", -32601}, {"message", "no such method"}};
        }
        reply(json::serialize(answer));
    }
};

/// The built-in server's program: beside this one when installed, in the neighbour's folder when built.
std::optional<std::string> find_server_program() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return std::nullopt;
    for (const auto& place : {self.parent_path() / "haive-mcp-server",
                              self.parent_path().parent_path() / "builtin_server" / "haive-mcp-server"}) {
        if (access(place.c_str(), X_OK) == 0) return place.string();
    }
    return std::nullopt;
}

std::int64_t pid_of(const MCPConnection& connection) {
    const auto info = connection.get_info();
    const auto* pid = info.metadata.if_contains("pid");
    return pid == nullptr ? 0 : pid->to_number<std::int64_t>();
}

std::uint64_t generation_of(const MCPConnection& connection) {
    return connection.get_info().metadata.at("generation").to_number<std::uint64_t>();
}

/// The stage: seven servers, a narrator and the table.
class Demo {
public:
    Demo(Context& context, std::string program)
        : context_(context), program_(std::move(program)), table_(context.terminal) {
        add_stdio("notes", {}, EraPreference::automatic);
        add_stdio("legacy", {"--era", "legacy"}, EraPreference::automatic);
        add_stdio("fragile", {}, EraPreference::automatic);
        add_stdio("sleepy", {}, EraPreference::automatic);
        ConnectionOptions options = common_options();
        MemoryTransport memory([] { return std::make_unique<ClockServer>(); });
        connections_.push_back(std::make_unique<MCPConnection>("in-process", memory, std::move(options)));
        add_web("web", "modern");
        add_web("sessions", "legacy");
    }

    int play() {
        say("Seven servers: four over stdio, one of them legacy only, one in this process, two over HTTP.");
        for (auto& connection : connections_) (void)connection->start_monitoring();
        if (!wait("all seven are connected", 10s, [&] { return all_connected(); })) return give_up();
        if (!talk_to_all()) return give_up();
        if (!kill_fragile()) return give_up();
        if (!stop_sleepy()) return give_up();
        if (!restart_sessions()) return give_up();
        if (!talk_to_all()) return give_up();
        say("Closing everything in order.");
        table_.clear();
        std::vector<std::int64_t> pids;
        for (auto& connection : connections_) pids.push_back(pid_of(*connection));
        std::vector<Async<void>> closing;
        for (auto& connection : connections_) closing.push_back(connection->disconnect());
        for (auto& operation : closing) (void)operation.wait();
        for (const auto pid : pids) {
            if (pid > 0 && kill(static_cast<pid_t>(pid), 0) == 0) return fail_with("a server survived its closing");
        }
        web_servers_.clear();
        over_ = true;
        say("All three failures were healed, no process is left.");
        return exit_ok;
    }

private:
    ConnectionOptions common_options() const {
        ConnectionOptions options;
        options.runtime = context_.runtime;
        options.reconnect_delay = 0.5s;
        options.health_check_interval = 1s;
        options.ping_timeout = 0.4s;
        return options;
    }
    void add_stdio(const std::string& name, std::vector<std::string> args, EraPreference era) {
        args.insert(args.end(), {"--quiet", "--max-life", "120"});
        ConnectionOptions options = common_options();
        options.client.era = era;
        const StdioTransport transport(program_, std::move(args));
        connections_.push_back(std::make_unique<MCPConnection>(name, transport, std::move(options)));
    }
    void add_web(const std::string& name, const std::string& era) {
        web_servers_.push_back(std::make_unique<DemoWebServer>(program_, 0, era));
        HttpOptions http;
        http.event_stream = false;  // so that only a call meets the lost session
        ConnectionOptions options = common_options();
        options.health_check_interval = 30s;
        connections_.push_back(
            std::make_unique<MCPConnection>(name, HttpTransport(web_servers_.back()->url(), http), std::move(options)));
    }
    MCPConnection& named(std::string_view name) {
        for (auto& connection : connections_) {
            if (connection->name() == name) return *connection;
        }
        throw std::logic_error("no such server in the demo");
    }
    bool all_connected() {
        return std::ranges::all_of(connections_, [](const auto& c) { return c->is_connected(); });
    }

    void say(const std::string& text) {
        table_.clear();
        std::array<char, 32> at{};
        const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
        std::snprintf(at.data(), at.size(), "%5.2f s", seconds);
        std::printf("%s  %s\n", context_.terminal.paint(Colour::dim, at.data()).c_str(), text.c_str());
        std::fflush(stdout);
        draw();
    }
    void draw() {
        if (!context_.terminal.can_draw() || over_) return;
        std::vector<const MCPConnection*> shown;
        for (const auto& connection : connections_) shown.push_back(connection.get());
        table_.draw(shown, "Ctrl-C ends the demo");
    }
    /// Turns until `done`, drawing. False when the time is over or somebody interrupts.
    template <class Done>
    bool wait(const std::string& what, Clock::duration limit, Done done) {
        const auto end = Clock::now() + limit;
        for (;;) {
            if (done()) return true;
            draw();
            if (Clock::now() >= end) {
                fail_with("not in time: " + what);
                return false;
            }
            if (!context_.interrupt.sleep_until(std::min(end, Clock::now() + 50ms))) return false;
        }
    }

    bool talk_to_all() {
        int answered = 0;
        for (auto& connection : connections_) {
            auto result = context_.interrupt.wait(connection->get_client()->call_tool(
                "echo", json::object{{"text", "hello from " + connection->name()}}));
            if (result.has_error()) return fail_with(result.error().to_string()), false;
            ++answered;
        }
        say("A call to each of them: " + std::to_string(answered) + " answers.");
        return true;
    }
    bool kill_fragile() {
        MCPConnection& fragile = named("fragile");
        const auto generation = generation_of(fragile);
        const auto pid = pid_of(fragile);
        auto call = fragile.get_client()->call_tool("sleep", json::object{{"ms", 5000}});
        context_.interrupt.sleep_until(Clock::now() + 100ms);
        say("kill -9 " + std::to_string(pid) + ": 'fragile' dies with a call in flight.");
        const auto killed = Clock::now();
        kill(static_cast<pid_t>(pid), SIGKILL);
        auto result = context_.interrupt.wait(std::move(call));
        if (result.has_value()) return fail_with("a call to a dead server was answered"), false;
        const double told = std::chrono::duration<double>(Clock::now() - killed).count();
        say("Its caller knew after " + duration_text(told) + ": " +
            std::string(to_string(result.error().disposition())) + " (" + result.error().message() + ").");
        if (!wait("'fragile' is back", 15s,
                  [&] { return fragile.is_connected() && generation_of(fragile) > generation; })) {
            return false;
        }
        const double back = std::chrono::duration<double>(Clock::now() - killed).count();
        say("'fragile' is back after " + duration_text(back) + " as process " + std::to_string(pid_of(fragile)) +
            "; the call was not repeated: it may have run.");
        return true;
    }
    bool stop_sleepy() {
        MCPConnection& sleepy = named("sleepy");
        const auto generation = generation_of(sleepy);
        const auto pid = pid_of(sleepy);
        say("SIGSTOP " + std::to_string(pid) + ": 'sleepy' hangs. Its process lives, its pipes are open.");
        const auto stopped = Clock::now();
        kill(static_cast<pid_t>(pid), SIGSTOP);
        const auto since = [&] { return duration_text(std::chrono::duration<double>(Clock::now() - stopped).count()); };
        if (!wait("the hang is noticed", 15s, [&] { return !sleepy.is_healthy(); })) return false;
        say("Unhealthy after " + since() + ": " + std::string(to_string(sleepy.health().limiting)) +
            " limits its score.");
        if (!wait("'sleepy' is back", 20s,
                  [&] { return sleepy.is_connected() && generation_of(sleepy) > generation; })) {
            return false;
        }
        if (kill(static_cast<pid_t>(pid), 0) == 0) return fail_with("the hung process survived"), false;
        say("'sleepy' was replaced after " + since() + " by process " + std::to_string(pid_of(sleepy)) + ".");
        return true;
    }

    bool restart_sessions() {
        MCPConnection& sessions = named("sessions");
        const std::uint16_t port = web_servers_.back()->port();
        say("kill -9 " + std::to_string(web_servers_.back()->pid()) +
            ": 'sessions' is started anew on its port and knows nothing of our session.");
        web_servers_.back()->kill();
        web_servers_.back() = std::make_unique<DemoWebServer>(program_, port, "legacy");
        auto result =
            context_.interrupt.wait(sessions.get_client()->call_tool("echo", json::object{{"text", "hello again"}}));
        if (result.has_error()) return fail_with(result.error().to_string()), false;
        say("The next call was refused with 404, a new session begun, the call sent again and answered.");
        return true;
    }

    int fail_with(const std::string& text) {
        table_.clear();
        if (context_.interrupt.requested()) return exit_interrupted;
        std::fprintf(stderr, "haive-mcp demo: %s\n", text.c_str());
        return exit_connection;
    }
    int give_up() {
        table_.clear();
        if (context_.interrupt.requested()) return exit_interrupted;
        for (auto& connection : connections_) {
            if (!connection->is_healthy()) std::fputs(connection->explain().to_string().c_str(), stderr);
        }
        return exit_connection;
    }

    Context& context_;
    std::string program_;
    LiveTable table_;
    std::vector<std::unique_ptr<DemoWebServer>> web_servers_;
    std::vector<std::unique_ptr<MCPConnection>> connections_;
    Clock::time_point began_ = Clock::now();
    bool over_ = false;  // the table has nothing more to show
};

}  // namespace

int demo_command(Context& context) {
    if (const int code = refuse_operands(context); code != exit_ok) return code;
    const auto program = find_server_program();
    if (!program) return misuse("the built-in server (haive-mcp-server) is not beside this program");
    return Demo(context, *program).play();
}

}  // namespace haive::mcp::cli
