// The tools that need nothing but time and memory.
#include "conversation.hpp"
#include "tool_bodies.hpp"

#include <boost/json/serialize.hpp>

#include <cmath>

namespace builtin {

namespace {

constexpr std::int64_t longest_wait_ms = 1'000'000'000;

void step(const CallPtr& call, int done, int steps, std::chrono::milliseconds wait) {
    call->conversation->timers().after(wait, [call, done, steps, wait] {
        if (call->cancelled) return;
        call->conversation->send_progress(*call, done, steps);
        if (done < steps) return step(call, done + 1, steps, wait);
        finish(call, text_result("done after " + std::to_string(steps) + " steps"));
    });
}

}  // namespace

json::object text_result(std::string_view text, bool is_error) {
    json::object out{{"content", json::array{json::object{{"type", "text"}, {"text", text}}}}};
    if (is_error) out["isError"] = true;
    return out;
}

void echo(const CallPtr& call) {
    std::string text = text_param(call->arguments, "text");
    if (const long bytes = call->conversation->switches().long_line; bytes > 0)
        text.assign(static_cast<std::size_t>(bytes), 'x');
    finish(call, text_result(text));
}

void add(const CallPtr& call) {
    constexpr double whole = 9007199254740992.0;  // 2^53: beyond it doubles skip integers
    const double sum = number_param(call->arguments, "a") + number_param(call->arguments, "b");
    if (!std::isfinite(sum)) throw Refusal{-32602, "the sum is no number"};
    const bool is_whole = std::abs(sum) < whole && std::trunc(sum) == sum;
    const json::value shown = is_whole ? json::value(static_cast<std::int64_t>(sum)) : json::value(sum);
    json::object result = text_result(json::serialize(shown));
    result["structuredContent"] = json::object{{"sum", shown}};
    finish(call, std::move(result));
}

void sleep_a_while(const CallPtr& call) {
    const auto wait = std::chrono::milliseconds(integer_param(call->arguments, "ms", 100, longest_wait_ms));
    call->conversation->timers().after(wait, [call] { finish(call, text_result("slept")); });
}

void fail(const CallPtr& call) {
    finish(call, text_result(text_param(call->arguments, "text", "it failed, as asked"), true));
}

void error(const CallPtr& call) {
    constexpr std::int64_t most = 2'147'483'647;
    const auto code = integer_param(call->arguments, "code", -32000, most, true);
    if (code == 0) throw Refusal{-32602, "`code` must not be 0"};
    throw Refusal{static_cast<int>(code), text_param(call->arguments, "message", "an error, as asked")};
}

/// As many bytes as asked for or, without a number, as `text` has.
void big(const CallPtr& call) {
    constexpr std::int64_t most = std::int64_t{1} << 30;
    const auto given = static_cast<std::int64_t>(text_param(call->arguments, "text", "").size());
    const auto bytes = static_cast<std::size_t>(integer_param(call->arguments, "bytes", given, most));
    finish(call, text_result(std::string(bytes, 'b')));
}

void progress(const CallPtr& call) {
    const auto steps = static_cast<int>(integer_param(call->arguments, "steps", 5, 1'000'000'000));
    const auto wait = std::chrono::milliseconds(integer_param(call->arguments, "ms", 50, longest_wait_ms));
    if (steps == 0) return finish(call, text_result("done after 0 steps"));
    step(call, 1, steps, wait);
}

void do_nothing(const CallPtr& call) { finish(call, text_result("nothing was done")); }

}  // namespace builtin
