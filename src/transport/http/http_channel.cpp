#include "transport/http/http_channel.hpp"

#include "transport/http/farewell.hpp"
#include "transport/stream/stream_channel.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

constexpr std::size_t most_notices = 256;
constexpr std::size_t excerpt = 200;
constexpr Duration ending_time = std::chrono::seconds(2);
constexpr Duration others_end_within = std::chrono::milliseconds(20);

/// A status that an endpoint of 2024-11-05 answers a POST with: it does not know that method there.
bool looks_like_2024(const Error& error) {
    const auto status = error.details().http_status;
    return status == 400 || status == 404 || status == 405;
}

}  // namespace

HttpChannel::HttpChannel(Runtime& runtime, std::shared_ptr<HttpRequester> requester, HttpUrl url, HttpOptions options)
    : conversation_(runtime, std::move(requester), std::move(url), std::move(options)),
      ending_limit_(conversation_.loop(), [this] { end(); }),
      unreachable_due_(conversation_.loop(), [this] { on_unreachable(); }),
      events_(*this) {}

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
    end_calls(why);
}

void HttpChannel::end_calls(const Error& why) {
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
    closed_.push_back(std::move(done));
    if (state_ == State::ending) {
        if (mode == CloseMode::kill) end();
        return;
    }
    events_.stop();
    notices_.clear();
    if (mode == CloseMode::prompt && session_gone_ && !calls_.empty()) {
        // Whoever asked in the lost session is about to be refused, which is a better verdict than a guess.
        state_ = State::ending;
        return ending_limit_.arm(saturating_add(loop.now(), ending_time));
    }
    state_ = State::ended;
    const bool say_goodbye = mode == CloseMode::graceful && !conversation_.session_id().empty();
    std::string headers = say_goodbye ? conversation_.plain_headers() : std::string();
    auto requester = conversation_.requester();
    const std::string target = conversation_.url().target;
    const auto kind = mode == CloseMode::graceful ? ErrorKind::shutdown : ErrorKind::connection_lost;
    const auto told = std::make_shared<UniqueFunction<void()>>(std::move(closed_.front()));
    closed_.clear();
    end_calls(Error(kind, "the connection was closed"));
    if (say_goodbye) {
        delete_session(loop, std::move(requester), target, std::move(headers), [told] { (*told)(); });
    } else {
        loop.post([told] { (*told)(); });
    }
}

/// The end of `ending`.
void HttpChannel::end() {
    if (state_ != State::ending) return;
    state_ = State::ended;
    ending_limit_.disarm();
    Loop& loop = conversation_.loop();
    for (auto& done : std::exchange(closed_, {})) loop.post(std::move(done));
    end_calls(Error(ErrorKind::connection_lost, "the server forgot the session and did not refuse this call in time"));
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
        if (state_ == State::ending && calls_.empty()) ending_limit_.arm(conversation_.loop().now());
        if (unreachable_ && !awaits_answers()) unreachable_due_.arm(conversation_.loop().now());
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
    if (owned && owned->method() == "initialize") session_gone_ = false;
    if (owned) owned->exchange()->on_reply(answer);
}

void HttpChannel::fail(HttpPost& post, Error error) {
    if (post.exchange() != nullptr && says_unreachable(error)) {
        post.unreachable = std::move(error);
        const TimePoint now = conversation_.loop().now();
        if (std::exchange(unreachable_, true) && awaits_answers()) return;
        unreachable_due_.arm(awaits_answers() ? saturating_add(now, others_end_within) : now);
        return;
    }
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

/// A server that has worked and to which no connection can be made any more.
bool HttpChannel::says_unreachable(const Error& error) const {
    return state_ == State::open && conversation_.worked && error.kind() == ErrorKind::server_unavailable &&
           error.disposition() == Disposition::not_sent && error.attempt_class() == AttemptClass::retryable &&
           !error.details().http_status;
}

/// Something is under way that the server could still answer.
bool HttpChannel::awaits_answers() const {
    if (events_.live()) return true;
    return std::ranges::any_of(calls_, [](const auto& c) { return c.second->verdict() != Disposition::not_sent; });
}

bool HttpChannel::lost_by(const Error& error) {
    if (!says_unreachable(error) || awaits_answers()) return false;
    lose(error);
    return true;
}

/// The connection is down, not one call of it.
void HttpChannel::lose(const Error& error) {
    state_ = State::ended;
    unreachable_due_.disarm();
    events_.stop();
    notices_.clear();
    ChannelEnd end;
    end.error = error;
    handler_->on_channel_lost(end);
    end_calls(error);
}

/// Some calls could not reach the server. When nothing else is under way, or all of it has broken off too, the
/// channel is lost; else they fail by themselves.
void HttpChannel::on_unreachable() {
    unreachable_ = false;
    if (state_ != State::open) return;
    const auto refused = [](const auto& call) { return call.second->unreachable.has_value(); };
    const auto first = std::ranges::find_if(calls_, refused);
    if (first == calls_.end()) return;
    if (!awaits_answers()) return lose(Error(*first->second->unreachable));
    std::vector<std::uint64_t> ids;
    for (const auto& call : calls_) {
        if (refused(call)) ids.push_back(call.first);
    }
    for (const std::uint64_t id : ids) {
        const auto node = calls_.extract(id);
        if (!node.empty()) node.mapped()->exchange()->on_failed(std::move(*node.mapped()->unreachable));
    }
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
        session_gone_ = true;
        events_.stop();
        handler_->on_session_lost(lost);
    }
    if (owned && owned->exchange() != nullptr) owned->exchange()->on_failed(std::move(lost));
}

}  // namespace haive::mcp
