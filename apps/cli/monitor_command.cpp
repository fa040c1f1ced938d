// `monitor`: connect to servers, keep them alive, show how they are.
#include "cli/fleet.hpp"
#include "cli/fleet_view.hpp"
#include "cli/keys.hpp"
#include "haive/mcp/exporters/redaction.hpp"
#include "haive/mcp/jsonrpc/json_text.hpp"
#include "haive/mcp/observe/event_json.hpp"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>

namespace haive::mcp::cli {

namespace {

using Clock = std::chrono::steady_clock;

/// Prints events as they come, from the loop's thread; one line each, flushed, so that a reader of the pipe
/// sees it at once.
class EventPrinter {
public:
    EventPrinter(bool as_json, bool verbose) : json_(as_json), verbose_(verbose) {}

    void print(const Event& event) {
        const std::string line = json_ ? to_text(fields_of(event)) : without_controls(text_of(event));
        if (line.empty()) return;
        std::lock_guard lock(mutex_);
        std::fwrite(line.data(), 1, line.size(), stdout);
        std::fputc('\n', stdout);
        std::fflush(stdout);
    }

private:
    /// All that it says, texts without secrets.
    static json::object fields_of(const Event& event) {
        json::object out = to_json(event);
        for (const char* text : {"reason", "text", "method"}) {
            if (auto* value = out.if_contains(text)) *value = redacted(std::string_view(value->as_string()));
        }
        return out;
    }
    [[nodiscard]] std::string text_of(const Event& event) const {
        json::object fields = fields_of(event);
        const std::string time(std::string_view(fields.at("time").as_string()).substr(11, 12));
        const std::string server(event.server);
        if (const auto* s = std::get_if<StatusEvent>(&event.what)) {
            if (s->from == s->to && !verbose_) return {};
            std::string out = time + "  " + server + ": " + std::string(s->from) + " -> " + std::string(s->to);
            if (!s->reason.empty()) out += "  (" + redacted(s->reason) + ")";
            if (s->next_attempt_in) out += ", next attempt in " + duration_text(*s->next_attempt_in);
            return out;
        }
        if (const auto* h = std::get_if<HealthEvent>(&event.what)) {
            if (h->outcome == "ok" && !verbose_) return {};
            char score[16];
            std::snprintf(score, sizeof score, "%.2f", h->score);
            return time + "  " + server + ": health " + std::string(h->outcome) + ", score " + score;
        }
        if (const auto* oddity = std::get_if<OddityEvent>(&event.what)) {
            if (!verbose_ && !is_own_kind(oddity->kind)) return {};
            return time + "  " + server + ": " + std::string(oddity->kind) + ": " + redacted(oddity->text);
        }
        if (std::holds_alternative<ServerRequestEvent>(event.what) && !verbose_) return {};
        return time + "  " + server + ": " + std::string(fields.at("event").as_string());
    }

    bool json_;
    bool verbose_;
    std::mutex mutex_;
};

/// Lines that are drawn over themselves.
class Screen {
public:
    void draw(const std::vector<std::string>& lines) {
        std::string out;
        if (drawn_ > 0) out += "\x1b[" + std::to_string(drawn_) + "A";
        for (const auto& line : lines) out += "\r\x1b[K" + line + "\n";
        out += "\x1b[J";
        drawn_ = lines.size();
        std::fwrite(out.data(), 1, out.size(), stdout);
        std::fflush(stdout);
    }

private:
    std::size_t drawn_ = 0;
};

bool speaks_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        const std::string_view text(value);
        return text.find("UTF-8") != text.npos || text.find("utf8") != text.npos || text.find("UTF8") != text.npos;
    }
    return false;
}

/// What is told from the loop's thread and shown on this one.
class Note {
public:
    void set(std::string text) {
        std::lock_guard lock(mutex_);
        text_ = std::move(text);
    }
    [[nodiscard]] std::string get() const {
        std::lock_guard lock(mutex_);
        return text_;
    }

private:
    mutable std::mutex mutex_;
    std::string text_;
};

/// The live table, until its time is over, a key or a signal ends it.
class LiveMonitor {
public:
    LiveMonitor(Context& context, Fleet& fleet, const Note& note, std::optional<Clock::time_point> end)
        : context_(context), fleet_(fleet), note_(note), end_(end), view_(context.terminal, !speaks_utf8()) {}

    void run() {
        auto next_sample = began_;
        for (;;) {
            const auto servers = fleet_.upstreams();
            if (Clock::now() >= next_sample) {
                view_.sample(servers);
                next_sample += std::chrono::seconds(1);
            }
            draw(servers, footer());
            if (context_.interrupt.requested() || (end_ && Clock::now() >= *end_)) break;
            auto wait = std::chrono::milliseconds(250);
            if (end_)
                wait = std::clamp(std::chrono::ceil<std::chrono::milliseconds>(*end_ - Clock::now()), wait * 0, wait);
            if (!keys_.usable()) {
                if (!context_.interrupt.sleep_until(Clock::now() + wait)) break;
            } else if (!act(keys_.next(wait))) {
                break;
            }
        }
        const double up = std::chrono::duration<double>(Clock::now() - began_).count();
        draw(fleet_.upstreams(), "watched for " + duration_text(up));
    }

private:
    /// False: it is over.
    bool act(Key key) {
        switch (key) {
            case Key::up: view_.select_next(-1, fleet_.upstreams()); break;
            case Key::down: view_.select_next(1, fleet_.upstreams()); break;
            case Key::explain:
                explaining_ = !explaining_;
                if (view_.selected().empty()) view_.select_next(1, fleet_.upstreams());  // the worst
                break;
            case Key::reconnect:
                if (!view_.selected().empty()) (void)fleet_.manager().reconnect(view_.selected());
                break;
            case Key::quit: return false;
            case Key::none:
            case Key::other: break;
        }
        return true;
    }
    [[nodiscard]] std::string footer() const {
        const auto health = fleet_.manager().health();
        const auto up = health.by_status.find("connected");
        std::string out = std::to_string(up == health.by_status.end() ? 0 : up->second) + " of " +
                          std::to_string(health.servers + fleet_.unusable().size()) + " connected, for " +
                          duration_text(std::chrono::duration<double>(Clock::now() - began_).count());
        if (context_.run.duration) out += " of " + duration_text(*context_.run.duration);
        return out + (keys_.usable() ? "; up/down, e explain, r reconnect, q quit" : "; Ctrl-C closes everything");
    }
    void draw(const std::vector<UpstreamInfo>& servers, const std::string& footer) {
        const Terminal& terminal = context_.terminal;
        const std::size_t height = std::max<std::size_t>(terminal.height(), 6) - 1;
        std::vector<std::string> panel;
        if (explaining_) {
            panel = wrapped(fleet_.explain(view_.selected()), terminal.width());
            // The header, a few servers and the footer stay in sight.
            if (panel.size() > height - 5) panel.resize(height - 5);
        }
        const std::string note = note_.get();
        const std::size_t most = height - panel.size() - (note.empty() ? 1 : 2);
        std::vector<std::string> lines = view_.lines(servers, most);
        const std::size_t shown = lines.size() - 1;
        lines.insert(lines.end(), panel.begin(), panel.end());
        if (!note.empty()) lines.push_back(fitted(note, terminal.width()));
        const std::string more = servers.size() > shown ? std::to_string(servers.size() - shown) + " more; " : "";
        lines.push_back(terminal.paint(Colour::dim, fitted(more + footer, terminal.width())));
        screen_.draw(lines);
    }

    Context& context_;
    Fleet& fleet_;
    const Note& note_;
    const std::optional<Clock::time_point> end_;
    const Clock::time_point began_ = Clock::now();
    FleetView view_;
    Keys keys_;
    Screen screen_;
    bool explaining_ = false;
};

}  // namespace

int monitor_command(Context& context) {
    const bool live = context.terminal.can_draw() && !context.run.json;
    EventPrinter printer(context.run.json, context.run.log == "debug" || context.run.log == "trace");
    Note note;
    Fleet fleet(context, context.run, false);
    if (const int code = fleet.read(); code != exit_ok) return code;
    if (!live) {
        fleet.manager().set_event_listener([&printer](const Event& event) { printer.print(event); });
        fleet.say_unusable();
    }
    fleet.follow([&note, live, quiet = context.run.quiet](const std::string& text) {
        if (live) return note.set(text);
        if (!quiet) std::fprintf(stderr, "haive-mcp: %s\n", text.c_str());
    });
    (void)fleet.manager().start_all(Seconds(0));

    std::optional<Clock::time_point> end;
    if (context.run.duration) {
        end = Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(*context.run.duration));
    }
    if (live) {
        LiveMonitor(context, fleet, note, end).run();
        return exit_ok;
    }
    // Woken now and then to see whether anybody still reads.
    while (!context.terminal.reader_left() && (!end || Clock::now() < *end)) {
        const auto next = Clock::now() + std::chrono::milliseconds(500);
        if (!context.interrupt.sleep_until(end ? std::min(next, *end) : next)) break;
    }
    return exit_ok;
}

}  // namespace haive::mcp::cli
