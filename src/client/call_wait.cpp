#include "client/call_wait.hpp"

#include "jsonrpc/message_codec.hpp"

#include <array>
#include <cstdio>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration shortest_reset = 100ms;

std::string in_seconds(Duration d) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g s", to_seconds(d));
    return text.data();
}

}  // namespace

Error error_of_answer(std::string_view error_object) {
    RpcErrorText text = read_rpc_error(error_object);
    Error error(ErrorKind::rpc_error, "the server answered with an error", Disposition::executed);
    auto& details = error.edit();
    details.rpc_code = text.code;
    details.peer_text = std::move(text.message);
    details.rpc_data = std::move(text.data);
    return error;
}

CallWait::CallWait(Loop& loop, Channel& channel, std::uint64_t id, CallLimits limits, const Request& request)
    : loop_(loop),
      channel_(channel),
      request_(request),
      id_(id),
      limits_(limits),
      idle_due_(saturating_add(loop.now(), limits.idle)),
      sent_at_(loop.now()),
      last_reset_(sent_at_),
      timer_(loop, [this] { on_limit(); }) {}

CallWait::~CallWait() {
    if (request_.cancel) request_.cancel->clear();
    if (!outcome_) channel_.abandon(id_);
}

void CallWait::send(Outbound message) {
    if (request_.cancel) {
        if (request_.cancel->requested()) {
            finish(Error(ErrorKind::cancelled, "cancelled by the caller"));
            return;
        }
        request_.cancel->set([this] { give_up(ErrorKind::cancelled, "cancelled by the caller"); });
    }
    arm();
    channel_.exchange(std::move(message), *this);
}

void CallWait::arm() { timer_.arm(std::min(idle_due_, limits_.total)); }

void CallWait::on_progress(const Progress& progress) {
    started_ = true;
    // Only a rising value counts as progress; a server that repeats itself is not getting anywhere.
    if (last_progress_ && !(progress.progress > *last_progress_)) return;
    last_progress_ = progress.progress;
    const TimePoint now = loop_.now();
    if (limits_.reset_on_progress && now - last_reset_ >= shortest_reset) {
        last_reset_ = now;
        idle_due_ = saturating_add(now, limits_.idle);
        arm();
    }
    if (request_.options.on_progress) request_.options.on_progress(progress);
}

void CallWait::on_limit() {
    if (loop_.now() >= limits_.total) {
        give_up(ErrorKind::deadline_exceeded, "no answer before the call's total time was over");
    } else {
        give_up(ErrorKind::idle_timeout, "no answer and no progress for " + in_seconds(limits_.idle) + " (`timeout`)");
    }
}

void CallWait::give_up(ErrorKind kind, std::string text) {
    if (outcome_) return;
    Error error(kind, std::move(text), channel_.abandon(id_));
    finish(std::move(error));
}

void CallWait::on_reply(const MessageView& message) {
    if (message.kind == MessageKind::error) {
        finish(error_of_answer(message.payload));
    } else {
        finish(RawJson(std::string(message.payload)));
    }
}

void CallWait::on_failed(Error error) { finish(std::move(error)); }

void CallWait::finish(Result<RawJson> outcome) {
    timer_.disarm();
    if (request_.cancel) request_.cancel->clear();
    if (outcome.has_error() && started_) {
        Error error = outcome.error();
        error.edit().started = true;
        outcome = std::move(error);
    }
    outcome_.emplace(std::move(outcome));
    if (waiter_) std::exchange(waiter_, {}).resume();
}

}  // namespace haive::mcp
