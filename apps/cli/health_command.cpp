// `health`: health checks as ping(8) would show them.
#include "cli/commands.hpp"
#include "cli/server_choice.hpp"
#include "haive/mcp/connection/connection.hpp"
#include "haive/mcp/jsonrpc/json_text.hpp"

#include <algorithm>
#include <cstdio>

namespace haive::mcp::cli {

namespace {

struct Tally {
    int sent = 0;
    std::vector<double> round_trips;
    double last_score = 0;
};

/// `name 1.2 ms, connect 0.4 ms, TLS 9 ms, first byte 20 ms` of a server reached over HTTP.
std::string timings_text(const json::object& check) {
    const auto* timings = check.if_contains("timings");
    if (timings == nullptr || !timings->is_object()) return {};
    std::string out = "  (";
    const auto add = [&](const char* key, const char* shown) {
        const auto* value = timings->get_object().if_contains(key);
        if (value == nullptr) return;
        if (out.back() != '(') out += ", ";
        out += shown + duration_text(value->to_number<double>());
    };
    add("name_lookup", "name ");
    add("connect", "connect ");
    add("tls_handshake", "TLS ");
    add("first_byte", "first byte ");
    return out + ')';
}

void print_check(const Context& context, const json::object& check, int number) {
    if (context.run.json) {
        std::puts(to_text(check).c_str());
        return;
    }
    const double score = check.at("health_score").to_number<double>();
    const Colour colour = score >= 0.7 ? Colour::green : score > 0.3 ? Colour::yellow : Colour::red;
    char score_text[16];
    std::snprintf(score_text, sizeof score_text, "%.2f", score);
    if (check.at("error").is_null()) {
        std::printf("%s: check %d  round trip %s  score %s  %s%s\n", check.at("name").as_string().c_str(), number,
                    duration_text(check.at("round_trip").to_number<double>()).c_str(),
                    context.terminal.paint(colour, score_text).c_str(),
                    check.contains("protocol_version") ? check.at("protocol_version").as_string().c_str() : "",
                    timings_text(check).c_str());
    } else {
        std::printf("%s: check %d  %s  score %s\n", check.at("name").as_string().c_str(), number,
                    context.terminal.paint(Colour::red, std::string(check.at("error").as_string())).c_str(),
                    context.terminal.paint(colour, score_text).c_str());
    }
    std::fflush(stdout);
}

void print_summary(const Context& context, const std::string& name, const Tally& tally) {
    if (context.run.json || context.run.quiet) return;
    const auto answered = static_cast<int>(tally.round_trips.size());
    std::printf("--- %s ---\n%d checks, %d answered, %.0f%% missed, score %.2f\n", name.c_str(), tally.sent, answered,
                tally.sent > 0 ? 100.0 * (tally.sent - answered) / tally.sent : 0.0, tally.last_score);
    if (answered == 0) return;
    double sum = 0;
    for (const double rtt : tally.round_trips) sum += rtt;
    const auto [low, high] = std::ranges::minmax(tally.round_trips);
    std::printf("round trip min/avg/max = %s / %s / %s\n", duration_text(low).c_str(),
                duration_text(sum / answered).c_str(), duration_text(high).c_str());
}

}  // namespace

int health_command(Context& context) {
    auto server = choose_server(context.run);
    if (server.has_error()) return fail(context, server.error());
    if (const int code = refuse_operands(context); code != exit_ok) return code;
    Connected connected(context, *server);
    if (const int code = connected.connect(); code != exit_ok) return code;
    const auto pause =
        std::chrono::duration_cast<std::chrono::milliseconds>(Seconds(context.run.interval.value_or(1.0)));
    Tally tally;
    auto next = std::chrono::steady_clock::now();
    for (int i = 1; i <= context.run.count; ++i) {
        const auto began = std::chrono::steady_clock::now();
        auto check = context.interrupt.wait(connected.connection().health_check());
        if (check.has_error()) break;  // interrupted
        ++tally.sent;
        tally.last_score = check->at("health_score").to_number<double>();
        if (check->at("error").is_null()) {
            const double seen = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
            tally.round_trips.push_back(seen);
            (*check)["round_trip"] = seen;
        }
        print_check(context, *check, i);
        next += pause;
        if (i < context.run.count && !context.interrupt.sleep_until(next)) break;
    }
    print_summary(context, server->name, tally);
    if (!tally.round_trips.empty() || tally.sent == 0) return exit_ok;
    return connected.connection().is_connected() ? exit_timeout : exit_connection;
}

}  // namespace haive::mcp::cli
