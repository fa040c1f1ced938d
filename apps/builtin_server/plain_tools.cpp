// The tools that need nothing but time and memory.
#include "server.hpp"
#include "tool_bodies.hpp"

#include <boost/json/serialize.hpp>

#include <cmath>

namespace builtin {

namespace {

constexpr std::int64_t longest_wait_ms = 1'000'000'000;

void step(Server& server, const CallPtr& call, int done, int steps, std::chrono::milliseconds wait) {
    server.timers().after(wait, [&server, call, done, steps, wait] {
        if (call->cancelled) return;
        server.send_progress(*call, done, steps);
        if (done < steps) return step(server, call, done + 1, steps, wait);
        server.finish(call, text_result("done after " + std::to_string(steps) + " steps"));
    });
}

}  // namespace

json::object text_result(std::string_view text, bool is_error) {
    json::object out{{"content", json::array{json::object{{"type", "text"}, {"text", text}}}}};
    if (is_error) out["isError"] = true;
    return out;
}

void echo(Server& server, const CallPtr& call) {
    std::string text = text_param(call->arguments, "text");
    if (const long bytes = server.switches().long_line; bytes > 0) text.assign(static_cast<std::size_t>(bytes), 'x');
    server.finish(call, text_result(text));
}

void add(Server& server, const CallPtr& call) {
    constexpr double whole = 9007199254740992.0;  // 2^53: beyond it doubles skip integers
    const double sum = number_param(call->arguments, "a") + number_param(call->arguments, "b");
    if (!std::isfinite(sum)) throw Refusal{-32602, "the sum is no number"};
    const bool is_whole = std::abs(sum) < whole && std::trunc(sum) == sum;
    const json::value shown = is_whole ? json::value(static_cast<std::int64_t>(sum)) : json::value(sum);
    json::object result = text_result(json::serialize(shown));
    result["structuredContent"] = json::object{{"sum", shown}};
    server.finish(call, std::move(result));
}

void sleep_a_while(Server& server, const CallPtr& call) {
    const auto wait = std::chrono::milliseconds(integer_param(call->arguments, "ms", 100, longest_wait_ms));
    server.timers().after(wait, [&server, call] { server.finish(call, text_result("slept")); });
}

void fail(Server& server, const CallPtr& call) {
    server.finish(call, text_result(text_param(call->arguments, "text", "it failed, as asked"), true));
}

void error(Server&, const CallPtr& call) {
    constexpr std::int64_t most = 2'147'483'647;
    const auto code = integer_param(call->arguments, "code", -32000, most, true);
    if (code == 0) throw Refusal{-32602, "`code` must not be 0"};
    throw Refusal{static_cast<int>(code), text_param(call->arguments, "message", "an error, as asked")};
}

/// As many bytes as asked for or, without a number, as `text` has.
void big(Server& server, const CallPtr& call) {
    constexpr std::int64_t most = std::int64_t{1} << 30;
    const auto given = static_cast<std::int64_t>(text_param(call->arguments, "text", "").size());
    const auto bytes = static_cast<std::size_t>(integer_param(call->arguments, "bytes", given, most));
    server.finish(call, text_result(std::string(bytes, 'b')));
}

void progress(Server& server, const CallPtr& call) {
    const auto steps = static_cast<int>(integer_param(call->arguments, "steps", 5, 1'000'000'000));
    const auto wait = std::chrono::milliseconds(integer_param(call->arguments, "ms", 50, longest_wait_ms));
    if (steps == 0) return server.finish(call, text_result("done after 0 steps"));
    step(server, call, 1, steps, wait);
}

void do_nothing(Server& server, const CallPtr& call) { server.finish(call, text_result("nothing was done")); }

}  // namespace builtin
