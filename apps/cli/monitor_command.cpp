// `monitor`: connect to servers, keep them alive, show how they are.
#include "cli/commands.hpp"
#include "cli/live_table.hpp"
#include "cli/server_choice.hpp"
#include "haive/mcp/connection/connection.hpp"
#include "haive/mcp/jsonrpc/json_text.hpp"
#include "haive/mcp/observe/event_json.hpp"

#include <cstdio>
#include <mutex>

namespace haive::mcp::cli {

namespace {

using Clock = std::chrono::steady_clock;

/// Prints events as they come, from the loop's thread; one line each, flushed, so that a reader of the pipe
/// sees it at once.
class EventPrinter {
public:
    EventPrinter(bool as_json, bool verbose) : json_(as_json), verbose_(verbose) {}

    void print(const Event& event) {
        const std::string line = json_ ? to_text(to_json(event)) : text_of(event);
        if (line.empty()) return;
        std::lock_guard lock(mutex_);
        std::fwrite(line.data(), 1, line.size(), stdout);
        std::fputc('\n', stdout);
        std::fflush(stdout);
    }

private:
    [[nodiscard]] std::string text_of(const Event& event) const {
        json::object fields = to_json(event);
        const std::string time(std::string_view(fields.at("time").as_string()).substr(11, 12));
        const std::string server(event.server);
        if (const auto* s = std::get_if<StatusEvent>(&event.what)) {
            if (s->from == s->to && !verbose_) return {};
            std::string out = time + "  " + server + ": " + std::string(s->from) + " -> " + std::string(s->to);
            if (!s->reason.empty()) out += "  (" + s->reason + ")";
            if (s->next_attempt_in) out += ", next attempt in " + duration_text(*s->next_attempt_in);
            return out;
        }
        if (const auto* h = std::get_if<HealthEvent>(&event.what)) {
            if (h->outcome == "ok" && !verbose_) return {};
            char score[16];
            std::snprintf(score, sizeof score, "%.2f", h->score);
            return time + "  " + server + ": health " + std::string(h->outcome) + ", score " + score;
        }
        const bool detail =
            std::holds_alternative<OddityEvent>(event.what) || std::holds_alternative<ServerRequestEvent>(event.what);
        if (detail && !verbose_) return {};
        return time + "  " + server + ": " + std::string(fields.at("event").as_string());
    }

    bool json_;
    bool verbose_;
    std::mutex mutex_;
};

/// Asks all to close, then waits for all: twenty servers that ignore TERM take as long as one.
void close_all(std::vector<std::unique_ptr<MCPConnection>>& connections) {
    std::vector<Async<void>> closing;
    for (auto& connection : connections) closing.push_back(connection->disconnect());
    for (auto& operation : closing) (void)operation.wait();
}

std::string footer_text(const Invocation& run, Clock::time_point began) {
    const double up = std::chrono::duration<double>(Clock::now() - began).count();
    std::string out = "watching for " + duration_text(up);
    if (run.duration) out += " of " + duration_text(*run.duration);
    return out + "; Ctrl-C closes everything in order";
}

}  // namespace

int monitor_command(Context& context) {
    auto servers = choose_servers(context.run);
    if (servers.has_error()) return fail(context, servers.error());
    const bool live = context.terminal.out_is_terminal() && !context.run.json;
    EventPrinter printer(context.run.json, context.run.log == "debug" || context.run.log == "trace");

    std::vector<std::unique_ptr<MCPConnection>> connections;
    for (auto& server : *servers) {
        ConnectionOptions options = server.options;
        options.runtime = context.runtime;
        if (context.run.interval) options.health_check_interval = Seconds(*context.run.interval);
        connections.push_back(std::make_unique<MCPConnection>(server.name, server.transport, std::move(options)));
        if (!live) connections.back()->set_event_listener([&printer](const Event& event) { printer.print(event); });
        (void)connections.back()->start_monitoring();
    }

    const auto began = Clock::now();
    std::optional<Clock::time_point> end;
    if (context.run.duration) end = began + std::chrono::duration_cast<Clock::duration>(Seconds(*context.run.duration));
    if (live) {
        std::vector<const MCPConnection*> shown;
        for (const auto& connection : connections) shown.push_back(connection.get());
        LiveTable table(context.terminal);
        for (auto next = began;; next += std::chrono::milliseconds(250)) {
            table.draw(shown, footer_text(context.run, began));
            if (end && next >= *end) break;
            if (!context.interrupt.sleep_until(end ? std::min(next, *end) : next)) break;
        }
        table.draw(shown, "watched for " + duration_text(std::chrono::duration<double>(Clock::now() - began).count()));
    } else {
        // Woken now and then to see whether anybody still reads.
        while (!context.terminal.reader_left() && (!end || Clock::now() < *end)) {
            const auto next = Clock::now() + std::chrono::milliseconds(500);
            if (!context.interrupt.sleep_until(end ? std::min(next, *end) : next)) break;
        }
    }
    close_all(connections);
    return exit_ok;
}

}  // namespace haive::mcp::cli
