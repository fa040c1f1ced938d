#include "transport/http/http_channel.hpp"

#include "transport/http/farewell.hpp"
#include "transport/stream/stream_channel.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

constexpr std::size_t most_notices = 256;
constexpr std::size_t excerpt = 200;

/// A status that an endpoint of 2024-11-05 answers a POST with: it does not know that method there.
bool looks_like_2024(const Error& error) {
    const auto status = error.details().http_status;
    return status == 400 || status == 404 || status == 405;
}

}  // namespace

HttpChannel::HttpChannel(Runtime& runtime, std::shared_ptr<HttpRequester> requester, HttpUrl url, HttpOptions options)
    : conversation_(runtime, std::move(requester), std::move(url), std::move(options)), events_(*this) {}

HttpChannel::~HttpChannel() {
    state_ = State::ended;
    fail_calls(Error(ErrorKind::shutdown, "the channel was destroyed"));
}

void HttpChannel::start(Handler& handler) {
    handler_ = &handler;
    state_ = State::open;
}

void HttpChannel::exchange(Outbound message, Exchange& exchange) {
    const std::uint64_t id = message.id;
    if (state_ != State::open) {
        exchange.on_failed(Error(ErrorKind::not_connected, "the channel is closed"));
        return;
    }
    if (calls_.size() >= StreamLimits().max_in_flight) {
        exchange.on_failed(
            Error(ErrorKind::queue_full, std::to_string(calls_.size()) + " calls wait for this server already"));
        return;
    }
    highest_id_ = std::max(highest_id_, id);
    auto& post = calls_[id] = std::make_unique<HttpPost>(*this, std::move(message), &exchange);
    post->send();
}

bool HttpChannel::send(Outbound message) {
    if (state_ != State::open || notices_.size() >= most_notices) return false;
    // The modern era cancels by closing the answer's stream, which `abandon` has done; it has no other notices.
    if (message.protocol_version >= "2026-07-28") return true;
    message.id = 0;
    auto& post = notices_.emplace_back(std::make_unique<HttpPost>(*this, std::move(message), nullptr));
    post->send();
    return true;
}

Disposition HttpChannel::abandon(std::uint64_t id) {
    const auto node = calls_.extract(id);
    return node.empty() ? Disposition::maybe_executed : node.mapped()->verdict();
}

Exchange* HttpChannel::find(std::uint64_t id) {
    const auto it = calls_.find(id);
    return it == calls_.end() ? nullptr : it->second->exchange();
}

void HttpChannel::fail_calls(const Error& why) {
    events_.stop();
    auto calls = std::exchange(calls_, {});
    for (auto& [id, post] : calls) {
        Error error = why;
        error.set_disposition(post->verdict());
        Exchange* const exchange = post->exchange();
        post.reset();
        exchange->on_failed(std::move(error));
    }
}

void HttpChannel::close(CloseMode mode, UniqueFunction<void()> done) {
    Loop& loop = conversation_.loop();
    if (state_ == State::ended) return loop.post(std::move(done));
    state_ = State::ended;
    const bool say_goodbye = mode == CloseMode::graceful && !conversation_.session_id().empty();
    std::string headers = say_goodbye ? conversation_.plain_headers() : std::string();
    notices_.clear();
    const auto shared = std::make_shared<UniqueFunction<void()>>(std::move(done));
    auto requester = conversation_.requester();
    const std::string target = conversation_.url().target;
    fail_calls(Error(ErrorKind::shutdown, "the connection was closed"));
    if (say_goodbye) {
        delete_session(loop, std::move(requester), target, std::move(headers), [shared] { (*shared)(); });
    } else {
        loop.post([shared] { (*shared)(); });
    }
}

void HttpChannel::deliver(const MessageView& message) {
    if (state_ == State::open) handler_->on_message(message);
}

void HttpChannel::deliver_answer(const MessageView& message) {
    if (state_ != State::open) return;
    const std::uint64_t id = id_of_answer(message);
    if (const auto it = calls_.find(id); it != calls_.end()) return settle(*it->second, message);
    const bool late = id != 0 && id <= highest_id_;
    if (late) ++conversation_.evidence.late_replies;
    handler_->on_channel_note(late ? "late_reply" : "stray_reply", message.text.substr(0, excerpt));
}

void HttpChannel::note(std::string_view kind, std::string_view text) {
    if (state_ != State::open) return;
    ++conversation_.evidence.junk_lines;
    if (conversation_.evidence.first_junk_line.empty())
        conversation_.evidence.first_junk_line = text.substr(0, excerpt);
    handler_->on_channel_note(kind, text);
}

void HttpChannel::notifications_missed() {
    if (state_ == State::open) handler_->on_notifications_missed();
}

std::unique_ptr<HttpPost> HttpChannel::take(HttpPost& post) {
    if (post.exchange() != nullptr) {
        auto node = calls_.extract(post.id());
        return node.empty() ? nullptr : std::move(node.mapped());
    }
    const auto it = std::ranges::find_if(notices_, [&](const auto& notice) { return notice.get() == &post; });
    if (it == notices_.end()) return nullptr;
    auto out = std::move(*it);
    notices_.erase(it);
    return out;
}

void HttpChannel::settle(HttpPost& post, const MessageView& answer) {
    const auto owned = take(post);
    if (!std::exchange(conversation_.worked, true) && on_worked) on_worked();
    if (owned) owned->exchange()->on_reply(answer);
}

void HttpChannel::fail(HttpPost& post, Error error) {
    const auto owned = take(post);
    if (!owned) return;
    Exchange* const exchange = owned->exchange();
    if (exchange == nullptr) {
        if (state_ == State::open) handler_->on_channel_note("notice_refused", error.summary());
        return;
    }
    const bool older = owned->method() == "initialize" && looks_like_2024(error) && on_initialize_refused;
    if (older && on_initialize_refused(owned->take_message(), *exchange, error)) return;
    exchange->on_failed(std::move(error));
}

void HttpChannel::accepted(HttpPost& post) {
    const auto owned = take(post);
    if (owned && owned->method() == "notifications/initialized" && conversation_.options().event_stream) {
        events_.open();
    }
}

/// The first loser of a session ends it for all; whoever asked in it meanwhile is refused likewise, and each
/// refusal is a verdict: not executed.
void HttpChannel::refuse_session(HttpPost& post, std::uint64_t serial, Error error) {
    Error lost(ErrorKind::session_lost, "the server does not know our session any more (HTTP " +
                                            std::to_string(error.details().http_status.value_or(0)) + ")");
    lost.edit().http_status = error.details().http_status;
    lost.edit().peer_text = error.details().peer_text;
    const auto owned = take(post);
    const bool news = serial == conversation_.session_serial() && state_ == State::open;
    if (news) {
        conversation_.end_session();
        events_.stop();
        handler_->on_session_lost(lost);
    }
    if (owned && owned->exchange() != nullptr) owned->exchange()->on_failed(std::move(lost));
}

}  // namespace haive::mcp
