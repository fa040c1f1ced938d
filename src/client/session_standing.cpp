// What outlives a session and is told to each new one: log level, subscriptions, the listening itself.
#include "client/listen_plan.hpp"
#include "client/pause.hpp"
#include "client/session.hpp"
#include "haive/mcp/protocol/error_codes.hpp"

namespace haive::mcp {

namespace {

constexpr Duration restore_within = std::chrono::seconds(30);

std::string one_member(std::string_view key, std::string_view value) {
    std::string out = "{";
    append_json_string(out, key);
    out += ':';
    append_json_string(out, value);
    return out + '}';
}

}  // namespace

/// After each handshake, before any call: on a byte stream the server has read it when it reads the next call.
void ClientSession::restore_standing() {
    if (context_->set_session(weak_from_this())) on_notifications_missed();
    if (dialect_.era() == Era::modern) {
        listen_for_changes();
        return;
    }
    const StandingWishes& wishes = context_->wishes();
    if (wishes.log_level && facts_->capabilities.logging) {
        Request request;
        request.method = "logging/setLevel";
        request.params = one_member("level", to_string(*wishes.log_level));
        restore_one(std::move(request));
    }
    for (const std::string& uri : wishes.resources) {
        Request request;
        request.method = "resources/subscribe";
        request.params = one_member("uri", uri);
        request.name = uri;
        restore_one(std::move(request));
    }
}

/// A server that refuses is heard, and the session goes on.
detail::Detached ClientSession::restore_one(Request request) {
    auto keep = shared_from_this();
    CallLimits limits;
    limits.total = saturating_add(loop_.now(), restore_within);
    auto done = co_await raw_call(request, limits, false, Whose::own);
    if (done.has_error() && !lost_ && !closing_) {
        context_->report_oddity("not_restored", request.method + ' ' + request.name + ": " + done.error().summary());
    }
}

/// Modern servers announce changes only on a listen request. It is kept alive: every loss is followed by another,
/// and by the news that something may have changed meanwhile.
detail::Detached ClientSession::listen_for_changes() {
    if (!listening_) listening_ = std::make_unique<Listening>();
    if (std::exchange(listening_->on, true)) co_return;
    auto keep = shared_from_this();
    Listening& now = *listening_;
    int failures = 0;
    bool again = false;
    while (!lost_ && !closing_) {
        auto before = std::exchange(now.resources, context_->wishes().resources);
        now.filter = listen_filter(facts_->capabilities, context_->wishes());
        if (now.filter.empty()) break;
        now.again = now.acknowledged = false;
        Request request;
        request.method = "subscriptions/listen";
        request.params = "{\"notifications\":" + now.filter + '}';
        request.cancel = now.cancel = std::make_shared<CancelSlot>();
        CallLimits limits;
        Timer patience(loop_, [slot = request.cancel] { slot->request(); });
        patience.arm(saturating_add(loop_.now(), acknowledge_within));
        now.patience = &patience;
        if (std::exchange(again, true)) {
            // What is new has missed nothing, and what is not wanted any more misses nothing.
            std::erase_if(before, [&now](const std::string& uri) { return !now.resources.contains(uri); });
            announce_gap(before);
        }
        auto ended = co_await raw_call(request, limits, false, Whose::own);
        now.patience = nullptr;
        if (lost_ || closing_) break;
        if (now.again) continue;  // other wishes: at once
        if (ended.has_error() && ended.error().kind() == ErrorKind::rpc_error) {
            on_channel_note("listen_refused", ended.error().summary());
            const int code = ended.error().details().rpc_code.value_or(0);
            if (code == rpc_code::method_not_found || code == rpc_code::invalid_params) break;
        }
        failures = now.acknowledged ? 0 : failures + 1;
        const double u = context_->runtime().random().uniform();
        Pause pause(loop_, saturating_add(loop_.now(), pause_before_listening(failures, u)), now.cancel.get());
        now.cancel = std::make_shared<CancelSlot>();
        co_await pause;
    }
    now.on = false;
    now.acknowledgement.raise();
}

void ClientSession::on_acknowledged(std::string_view params) {
    if (!listening_) return;  // nothing was asked for
    listening_->acknowledged = true;
    if (listening_->patience != nullptr) listening_->patience->disarm();  // it lives as long as the server likes
    if (const std::string missing = not_honoured(listening_->filter, params); !missing.empty()) {
        context_->report_oddity("listen_subset", "the server does not announce: " + missing);
    }
    listening_->acknowledgement.raise();
}

Task<Result<void>> ClientSession::listen_anew(TimePoint deadline) {
    auto keep = shared_from_this();
    if (listening_ && listening_->on) {
        listening_->again = true;
        auto slot = listening_->cancel;
        if (slot) slot->request();
    } else {
        listen_for_changes();
    }
    if (!listening_->on) co_return Result<void>();  // nothing left to listen to
    Signal::Wait wait(listening_->acknowledgement, loop_, deadline);
    const bool heard = co_await wait;
    if (heard && listening_->on) co_return Result<void>();
    Error error(lost_ ? ErrorKind::connection_lost : ErrorKind::deadline_exceeded,
                "the server did not say that it announces changes", Disposition::maybe_executed);
    error.edit().server = context_->server();
    error.edit().operation = "subscriptions/listen";
    co_return error;
}

}  // namespace haive::mcp
