#include "transport/http/sse_channel.hpp"

#include "haive/mcp/transport/runtime.hpp"
#include "transport/http/answer_plan.hpp"
#include "transport/stream/byte_stream.hpp"
#include "transport/stream/stream_channel.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

constexpr std::size_t most_notices = 256;
constexpr std::size_t longest_refusal = std::size_t{16} << 10;
constexpr std::size_t excerpt = 200;

Error stream_refused(int status) {
    RefusalFacts facts;
    facts.status = status;
    if (status >= 400) return refusal_error(facts);
    Error error(ErrorKind::protocol_violation,
                "the server answered HTTP " + std::to_string(status) + " without a stream of events");
    error.edit().http_status = status;
    error.set_attempt_class(AttemptClass::fatal);
    error.set_mend("check the URL: HTTP+SSE servers usually answer at a path such as /sse");
    return error;
}

}  // namespace

/// One message on its way to the endpoint. Its answer comes elsewhere; here only a refusal counts.
class SseChannel::Post final : private HttpHandler {
public:
    Post(SseChannel& channel, Exchange* exchange, std::uint64_t id) : channel_(channel), exchange_(exchange), id_(id) {}

    void send(const Outbound& message, std::string frame) {
        HttpRequest request;
        request.target = channel_.endpoint_.target;
        request.headers = channel_.conversation_.post_headers(message);
        request.body = std::move(frame);
        request.connect_deadline = channel_.conversation_.connect_deadline();
        request.harmless_twice = message.harmless_twice;
        channel_.conversation_.evidence.bytes_out += request.body.size();
        operation_ = channel_.conversation_.requester()->start(std::move(request), *this);
    }
    [[nodiscard]] Exchange* exchange() const noexcept { return exchange_; }
    [[nodiscard]] Disposition verdict() const noexcept {
        const bool whole = taken_ || (operation_ && operation_->sent() == HttpSent::whole);
        return whole ? Disposition::maybe_executed : Disposition::not_sent;
    }

private:
    void on_head(const HttpHead& head) override {
        status_ = head.status;
        channel_.conversation_.note_head(head);
        if (status_ < 300) taken_ = true;
    }
    void on_body(char* data, std::size_t size) override {
        if (status_ >= 300)
            body_.append(data, std::min(size, longest_refusal - std::min(longest_refusal, body_.size())));
    }
    void on_end(HttpEnd end) override {
        Error error;
        if (status_ >= 300) {
            RefusalFacts facts;
            facts.status = status_;
            facts.body = body_;
            facts.worked_before = true;
            facts.had_session = true;
            error = refusal_error(facts);
            if (meaning_of(facts) == RefusalMeaning::session_lost) return stream_is_dead(std::move(error));
        } else if (end.error && status_ == 0) {
            error = std::move(*end.error);
            error.set_disposition(verdict());
        } else {
            operation_.reset();
            if (exchange_ == nullptr) channel_.forget(*this);
            return;  // taken: the answer comes over the stream
        }
        operation_.reset();
        if (exchange_ == nullptr) {
            channel_.forget(*this);
        } else {
            channel_.refused(id_, std::move(error));
        }
    }

    /// The session is the stream: a server that does not know it has seen the stream's end before us, and has not
    /// run the message.
    void stream_is_dead(Error refusal) {
        Error lost(ErrorKind::connection_lost, "the server has dropped our stream of events: " + refusal.message());
        lost.edit().http_status = status_;
        lost.edit().peer_text = refusal.details().peer_text;
        operation_.reset();  // not sent, as far as verdict() goes
        SseChannel& channel = channel_;
        if (exchange_ == nullptr) channel.forget(*this);
        channel.end(std::move(lost));
    }

    SseChannel& channel_;
    Exchange* exchange_;
    std::uint64_t id_;
    std::unique_ptr<HttpOperation> operation_;
    std::string body_;
    int status_ = 0;
    bool taken_ = false;
};

SseChannel::SseChannel(Runtime& runtime, std::shared_ptr<HttpRequester> requester, HttpUrl url, HttpOptions options)
    : conversation_(runtime, std::move(requester), std::move(url), std::move(options)),
      parser_(conversation_.options().max_message_bytes),
      self_(std::make_shared<SseChannel*>(this)) {}

SseChannel::~SseChannel() {
    *self_ = nullptr;
    state_ = State::ended;
    fail_calls(Error(ErrorKind::shutdown, "the channel was destroyed"));
}

void SseChannel::start(Handler& handler) {
    handler_ = &handler;
    if (conversation_.options().credentials) {
        ask_credentials();
    } else {
        ask(std::string());
    }
}

detail::Detached SseChannel::ask_credentials() {
    const auto credentials = conversation_.options().credentials;
    auto self = self_;
    auto value = co_await credentials->authorization(HttpChallenge());
    if (*self == nullptr) co_return;
    if (value.has_error()) {
        end(value.error());
    } else {
        ask(std::move(*value));
    }
}

void SseChannel::ask(std::string authorization) {
    conversation_.authorization = std::move(authorization);
    HttpRequest request;
    request.method = "GET";
    request.target = conversation_.url().target;
    request.headers = conversation_.event_headers({});
    request.connect_deadline = conversation_.connect_deadline();
    request.long_lived = true;
    stream_ = conversation_.requester()->start(std::move(request), *this);
}

void SseChannel::on_head(const HttpHead& head) {
    conversation_.note_head(head);
    AnswerHead facts;
    facts.status = head.status;
    facts.content_type = head.find("content-type");
    if (reading_of(facts) != AnswerReading::events) end(stream_refused(head.status));
}

void SseChannel::on_body(char* data, std::size_t size) {
    conversation_.note_bytes(size);
    parser_.feed(std::string_view(data, size), *this);
}

bool SseChannel::on_event(const SseEvent& event) {
    auto self = self_;
    if (event.type == "endpoint") {
        if (state_ == State::opening) on_endpoint(event.data);
    } else if (event.type == "message" && event.has_data && handler_ != nullptr) {
        const bool known = conversation_.route(event.data, [&](const MessageView& message) {
            if (*self != nullptr && state_ == State::open) deliver(message);
        });
        if (*self != nullptr && !known && state_ == State::open) {
            ++conversation_.evidence.junk_lines;
            handler_->on_channel_note("bad_message", event.data.substr(0, excerpt));
        }
    }
    return *self != nullptr && state_ != State::ended;
}

void SseChannel::on_endpoint(std::string_view reference) {
    auto endpoint = conversation_.url().resolve(reference);
    if (endpoint.has_error()) return end(endpoint.error());
    if (!conversation_.url().same_origin(*endpoint)) {
        Error error(ErrorKind::protocol_violation,
                    "the server wants messages sent to another origin (" + endpoint->shown() + ")");
        error.set_attempt_class(AttemptClass::fatal);
        error.set_mend("this is refused, because credentials would go there; use that server's own URL");
        return end(std::move(error));
    }
    endpoint_ = std::move(*endpoint);
    state_ = State::open;
    if (on_open) on_open();
    for (Early& one : std::exchange(early_, {})) post(std::move(one.message), *one.exchange);
}

void SseChannel::on_end(HttpEnd end_of_stream) {
    Error error(ErrorKind::connection_lost, "the server ended its stream of events");
    if (end_of_stream.error) error = std::move(*end_of_stream.error);
    end(std::move(error));
}

void SseChannel::end(Error error) {
    if (state_ == State::ended) return;
    const bool was_open = state_ == State::open;
    if (!was_open && !tried_before.empty()) {
        error.edit().message = tried_before + " to Streamable HTTP; over HTTP+SSE: " + error.message();
    }
    state_ = State::ended;
    stream_.reset();
    auto self = self_;
    ChannelEnd told;
    told.error = error;
    // Before it was open there was nothing to lose; those who wait hear why.
    if (was_open && handler_ != nullptr) handler_->on_channel_lost(told);
    if (*self != nullptr) fail_calls(error);
}

void SseChannel::deliver(const MessageView& message) {
    if (message.kind == MessageKind::request || message.kind == MessageKind::notification) {
        handler_->on_message(message);
        return;
    }
    const std::uint64_t id = id_of_answer(message);
    if (auto node = calls_.extract(id); !node.empty()) {
        node.mapped()->exchange()->on_reply(message);
        return;
    }
    const bool late = id != 0 && id <= highest_id_;
    if (late) ++conversation_.evidence.late_replies;
    handler_->on_channel_note(late ? "late_reply" : "stray_reply", message.text.substr(0, excerpt));
}

bool SseChannel::on_overlong(const OverlongEvent& event) {
    ++conversation_.evidence.oversized_messages;
    const std::string text = "a message of " + std::to_string(event.size) + " bytes is over the limit of " +
                             std::to_string(conversation_.options().max_message_bytes) + " bytes and was discarded";
    auto self = self_;
    if (handler_ != nullptr) handler_->on_channel_note("oversized_message", text);
    if (*self == nullptr) return false;
    auto node = calls_.extract(guess_integer_id(event.head, event.tail));
    if (!node.empty()) {
        Error error(ErrorKind::response_too_large, text, Disposition::executed);
        error.set_mend("raise max_message_bytes, or ask the tool for less");
        node.mapped()->exchange()->on_failed(std::move(error));
    }
    return *self != nullptr && state_ != State::ended;
}

void SseChannel::exchange(Outbound message, Exchange& exchange) {
    const std::uint64_t id = message.id;
    if (state_ == State::ended) {
        exchange.on_failed(Error(ErrorKind::not_connected, "the channel is closed"));
        return;
    }
    if (calls_.size() + early_.size() >= StreamLimits().max_in_flight) {
        exchange.on_failed(
            Error(ErrorKind::queue_full, std::to_string(calls_.size()) + " calls wait for this server already"));
        return;
    }
    highest_id_ = std::max(highest_id_, id);
    if (state_ == State::opening) {
        early_.push_back(Early{std::move(message), &exchange});
    } else {
        post(std::move(message), exchange);
    }
}

void SseChannel::post(Outbound message, Exchange& exchange) {
    const std::uint64_t id = message.id;
    auto& post = calls_[id] = std::make_unique<Post>(*this, &exchange, id);
    std::string frame = std::move(message.frame);
    post->send(message, std::move(frame));
}

bool SseChannel::send(Outbound message) {
    if (state_ != State::open || notices_.size() >= most_notices) return false;
    auto owned = std::make_unique<Post>(*this, nullptr, 0);
    Post& post = *owned;
    notices_.emplace(&post, std::move(owned));
    std::string frame = std::move(message.frame);
    post.send(message, std::move(frame));
    return true;
}

void SseChannel::forget(Post& notice) { notices_.erase(&notice); }

void SseChannel::refused(std::uint64_t id, Error error) {
    if (auto node = calls_.extract(id); !node.empty()) node.mapped()->exchange()->on_failed(std::move(error));
}

Disposition SseChannel::abandon(std::uint64_t id) {
    if (std::erase_if(early_, [&](const Early& one) { return one.message.id == id; }) > 0) return Disposition::not_sent;
    const auto node = calls_.extract(id);
    return node.empty() ? Disposition::maybe_executed : node.mapped()->verdict();
}

Exchange* SseChannel::find(std::uint64_t id) {
    const auto it = calls_.find(id);
    return it == calls_.end() ? nullptr : it->second->exchange();
}

void SseChannel::fail_calls(const Error& why) {
    auto calls = std::exchange(calls_, {});
    for (Early& one : std::exchange(early_, {})) {
        Error error = why;
        error.set_disposition(Disposition::not_sent);
        one.exchange->on_failed(std::move(error));
    }
    for (auto& [id, post] : calls) {
        Error error = why;
        error.set_disposition(post->verdict());
        Exchange* const exchange = post->exchange();
        post.reset();
        exchange->on_failed(std::move(error));
    }
}

void SseChannel::close(CloseMode /*mode*/, UniqueFunction<void()> done) {
    Loop& loop = conversation_.loop();
    if (state_ != State::ended) {
        state_ = State::ended;
        stream_.reset();
        notices_.clear();
        fail_calls(Error(ErrorKind::shutdown, "the connection was closed"));
    }
    loop.post(std::move(done));
}

}  // namespace haive::mcp
