#include "transport/http/http_post.hpp"

#include "haive/mcp/base/clock.hpp"
#include "haive/mcp/transport/runtime.hpp"
#include "transport/http/http_channel.hpp"
#include "transport/http/retry_after_parser.hpp"
#include "transport/stream/byte_stream.hpp"

#include <algorithm>
#include <cmath>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest_refusal = std::size_t{64} << 10;
constexpr int most_redirects = 5;
constexpr int most_resumes_in_vain = 5;
constexpr Duration first_resume = 1s;
constexpr Duration longest_resume = 30s;
constexpr Duration notice_limit = 30s;

/// B-8: what the server asked for, hardly longer; else a growing pause of our own.
Duration resume_delay(std::optional<Duration> retry, int in_vain, double u) {
    if (retry) return *retry + std::chrono::duration_cast<Duration>(u * std::min<Duration>(*retry / 10, 100ms));
    const double step = to_seconds(first_resume) * std::pow(1.5, in_vain);
    return std::min<Duration>(longest_resume, to_duration(Seconds(step)));
}

std::int64_t unix_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(wall_clock_now().time_since_epoch()).count();
}

}  // namespace

HttpPost::HttpPost(HttpChannel& channel, Outbound message, Exchange* exchange)
    : channel_(channel),
      requester_(channel.conversation().requester()),
      exchange_(exchange),
      id_(message.id),
      method_(message.method),
      name_(message.name),
      version_(message.protocol_version),
      parameter_headers_(std::move(message.parameter_headers)),
      harmless_twice_(message.harmless_twice),
      frame_(std::move(message.frame)),
      events_(channel.conversation().options().max_message_bytes),
      timer_(channel.conversation().loop(), [this] { on_timer(); }) {}

HttpPost::~HttpPost() {
    if (gone_ != nullptr) *gone_ = true;
    if (self_) *self_ = nullptr;
}

Disposition HttpPost::verdict() const noexcept {
    if (seen_) return Disposition::maybe_executed;
    const bool whole = operation_ && operation_->sent() == HttpSent::whole;
    return whole ? Disposition::maybe_executed : Disposition::not_sent;
}

Outbound HttpPost::take_message() {
    Outbound out;
    out.frame = std::move(frame_);
    out.id = id_;
    out.method = method_;
    out.harmless_twice = harmless_twice_;
    return out;
}

void HttpPost::send() {
    if (exchange_ == nullptr) timer_.arm(saturating_add(channel_.conversation().loop().now(), notice_limit));
    start();
}

void HttpPost::on_timer() {
    if (exchange_ != nullptr) return resume();
    fail(Error(ErrorKind::idle_timeout, "the server did not take a notification in time"));
}

void HttpPost::start() {
    if (channel_.conversation().options().credentials) {
        ask_credentials(HttpChallenge());
    } else {
        begin(std::string());
    }
}

detail::Detached HttpPost::ask_credentials(HttpChallenge challenge) {
    const auto credentials = channel_.conversation().options().credentials;
    auto self = std::make_shared<HttpPost*>(this);
    self_ = self;
    auto value = co_await credentials->authorization(std::move(challenge));
    if (*self == nullptr) co_return;
    self_.reset();
    if (value.has_error()) {
        Error error = value.error();
        error.set_disposition(Disposition::not_sent);
        fail(std::move(error));
    } else {
        begin(std::move(*value));
    }
}

void HttpPost::begin(std::string authorization) {
    HttpConversation& conversation = channel_.conversation();
    conversation.authorization = std::move(authorization);
    Outbound facts;
    facts.method = method_;
    facts.name = name_;
    facts.protocol_version = version_;
    facts.parameter_headers = parameter_headers_;
    HttpRequest request;
    request.method = "POST";
    request.target = conversation.url().target;
    request.headers = conversation.post_headers(facts);
    conversation.evidence.bytes_out += frame_.size();
    request.body = std::move(frame_);
    request.connect_deadline = conversation.connect_deadline();
    request.long_lived = method_ == "subscriptions/listen";
    request.harmless_twice = harmless_twice_;
    session_serial_ = conversation.session_id().empty() || method_ == "initialize" ? 0 : conversation.session_serial();
    seen_ = false;
    body_.clear();
    skipped_ = 0;
    operation_ = requester_->start(std::move(request), *this);
}

void HttpPost::on_head(const HttpHead& head) {
    HttpConversation& conversation = channel_.conversation();
    conversation.note_head(head);
    AnswerHead facts;
    facts.status = head.status;
    facts.content_type = head.find("content-type");
    facts.location = head.find("location");
    facts.to_request = exchange_ != nullptr;
    reading_ = reading_of(facts);
    if (reading_ == AnswerReading::refusal || reading_ == AnswerReading::redirect) {
        location_ = facts.location;
        www_authenticate_ = head.find("www-authenticate");
        refusal_ = RefusalFacts();
        refusal_.status = head.status;
        refusal_.retry_after = parse_retry_after(head.find("retry-after"), head.find("date"), unix_seconds());
        refusal_.had_session = session_serial_ != 0;
        refusal_.worked_before = conversation.worked;
        return;
    }
    seen_ = true;
    if (method_ == "initialize") conversation.begin_session(head.find("mcp-session-id"));
    if (exchange_ != nullptr) exchange_->on_started();
    if (reading_ == AnswerReading::foreign) {
        Error error(ErrorKind::protocol_violation,
                    "the server answered with '" + std::string(facts.content_type.substr(0, 80)) + "', not with MCP",
                    Disposition::executed);
        error.edit().http_status = head.status;
        error.set_attempt_class(AttemptClass::fatal);
        error.set_mend("check the URL: is this the path of the MCP endpoint?");
        fail(std::move(error));
    }
}

void HttpPost::on_body(char* data, std::size_t size) {
    HttpConversation& conversation = channel_.conversation();
    conversation.note_bytes(size);
    switch (reading_) {
        case AnswerReading::events: events_.feed(std::string_view(data, size), *this); return;
        case AnswerReading::message:
            if (body_.size() + size > conversation.options().max_message_bytes) return too_large(body_.size() + size);
            if (body_.empty()) body_.reserve(size + read_slack);  // most come in one piece
            body_.append(data, size);
            return;
        case AnswerReading::refusal: {
            const std::size_t room = longest_refusal - std::min(longest_refusal, body_.size());
            body_.append(data, std::min(room, size));
            return;
        }
        default: return;
    }
}

void HttpPost::too_large(std::size_t size) {
    ++channel_.conversation().evidence.oversized_messages;
    Error error(ErrorKind::response_too_large,
                "an answer of at least " + std::to_string(size) + " bytes is over the limit of " +
                    std::to_string(channel_.conversation().options().max_message_bytes) + " bytes and was discarded",
                Disposition::executed);
    error.set_mend("raise max_message_bytes, or ask the tool for less");
    fail(std::move(error));
}

bool HttpPost::on_overlong(const OverlongEvent& event) {
    too_large(event.size);
    return false;
}

bool HttpPost::on_event(const SseEvent& event) {
    if (!event.has_data || event.data.empty() || event.type != "message") return true;
    return take_text(event.data);
}

bool HttpPost::take_text(std::string_view text) {
    bool gone = false;
    bool* const before = std::exchange(gone_, &gone);
    bool going = true;
    HttpConversation& conversation = channel_.conversation();
    HttpChannel& channel = channel_;
    const bool known = conversation.route(text, [&](const MessageView& message) {
        if (going) going = take(message) && !gone;
    });
    if (gone) {
        if (before != nullptr) *before = true;
        return false;
    }
    gone_ = before;
    if (!going) return false;
    if (!known) channel.note("bad_message", text.substr(0, 200));
    return !gone;
}

bool HttpPost::take(const MessageView& message) {
    if (message.kind == MessageKind::request || message.kind == MessageKind::notification) {
        if (exchange_ != nullptr) exchange_->on_started();
        channel_.deliver(message);
        return true;
    }
    const bool mine = exchange_ != nullptr &&
                      (id_of_answer(message) == id_ ||
                       (message.kind == MessageKind::error &&
                        (message.id.kind == MessageId::Kind::null || message.id.kind == MessageId::Kind::none)));
    if (!mine) {
        channel_.deliver_answer(message);
        return true;
    }
    const bool dialect =
        message.kind == MessageKind::error && session_serial_ != 0 && speaks_of_lost_session(message.payload);
    if (dialect) {
        refusal_ = RefusalFacts();
        refusal_.status = 404;
        refusal_.body = message.payload;
        channel_.refuse_session(*this, session_serial_, refusal_error(refusal_));
    } else {
        channel_.settle(*this, message);
    }
    return false;
}

void HttpPost::on_end(HttpEnd end) {
    if (!resuming_) frame_ = operation_->take_body();
    if (end.error) return on_broken(std::move(end));
    operation_.reset();
    switch (reading_) {
        case AnswerReading::message: return on_message_end();
        case AnswerReading::events: return on_stream_end();
        case AnswerReading::redirect:
            // A GET that goes on with an answer has no request to send elsewhere: the call may have run.
            if (resuming_) return lost("the server sent the resumed answer elsewhere");
            return follow();
        case AnswerReading::refusal: return on_refusal_end();
        default: break;
    }
    if (exchange_ == nullptr) return channel_.accepted(*this);
    lost("the server took the request (HTTP 202) and closed the answer without one");
}

/// The connection broke, or could not be had.
void HttpPost::on_broken(HttpEnd end) {
    if (reading_ == AnswerReading::refusal && end.head_seen) {
        operation_.reset();
        return on_refusal_end();  // the status has said it all
    }
    if (seen_ && reading_ == AnswerReading::events) {
        operation_.reset();
        return on_stream_end();
    }
    if (resuming_) {
        operation_.reset();
        return resume_later();
    }
    Error error = std::move(*end.error);
    error.set_disposition(verdict());
    if (seen_) error.edit().started = true;
    operation_.reset();
    fail(std::move(error));
}

void HttpPost::on_message_end() {
    if (body_.empty()) {
        Error error(ErrorKind::protocol_violation, "the server answered with an empty body", Disposition::executed);
        return fail(std::move(error));
    }
    body_.reserve(body_.size() + read_slack);
    const std::string body = std::move(body_);  // outlives this object
    if (!take_text(body)) return;
    Error error(ErrorKind::protocol_violation, "the server's answer has no reply to the request in it",
                Disposition::executed);
    error.edit().peer_text = body.substr(0, 200);
    fail(std::move(error));
}

void HttpPost::on_stream_end() {
    if (resumable()) {
        resume_later();
    } else {
        lost("the server ended the stream of the answer without an answer");
    }
}

void HttpPost::on_refusal_end() {
    if (resuming_)
        return lost("the stream of the answer could not be resumed (HTTP " + std::to_string(refusal_.status) + ")");
    HttpConversation& conversation = channel_.conversation();
    body_.reserve(body_.size() + read_slack);
    const std::string body = std::move(body_);
    refusal_.body = body;
    refusal_.www_authenticate = www_authenticate_;
    bool rpc_error = false;
    conversation.route(refusal_.body, [&](const MessageView& message) {
        rpc_error = rpc_error || message.kind == MessageKind::error;
    });
    refusal_.has_rpc_error = rpc_error;
    const RefusalMeaning meaning = meaning_of(refusal_);
    const bool challenged = refusal_.status == 401 || (refusal_.status == 403 && !www_authenticate_.empty());
    if (meaning != RefusalMeaning::session_lost && challenged && conversation.options().credentials &&
        !std::exchange(authorized_again_, true)) {
        HttpChallenge challenge;
        challenge.status = refusal_.status;
        challenge.www_authenticate.push_back(www_authenticate_);
        ask_credentials(std::move(challenge));
        return;
    }
    if (meaning == RefusalMeaning::session_lost) {
        return channel_.refuse_session(*this, session_serial_, refusal_error(refusal_));
    }
    if (meaning == RefusalMeaning::rpc_error && exchange_ != nullptr) {
        // Whatever id it carries: the status line belongs to this request.
        bool told = false;
        HttpChannel& channel = channel_;
        conversation.route(body, [&](const MessageView& message) {
            if (message.kind == MessageKind::error && !std::exchange(told, true)) channel.settle(*this, message);
        });
        return;
    }
    fail(refusal_error(refusal_));
}

void HttpPost::follow() {
    HttpConversation& conversation = channel_.conversation();
    auto next = conversation.url().resolve(location_);
    Error error(ErrorKind::server_unavailable,
                "the server answered HTTP " + std::to_string(refusal_.status) + " and points ");
    error.set_attempt_class(AttemptClass::fatal);
    error.edit().http_status = refusal_.status;
    if (next.has_error()) {
        error.edit().message += "to a place that is no URL";
    } else if (!conversation.url().same_origin(*next)) {
        // Credentials and arguments must not go where nobody sent them.
        error.edit().message += "to another origin: " + next->shown();
        error.set_mend("if that is where the server has moved, configure that URL");
    } else if (++redirects_ > most_redirects) {
        error.edit().message += "from place to place";
    } else {
        conversation.move_to(std::move(*next));
        return start();
    }
    fail(std::move(error));
}

bool HttpPost::resumable() const noexcept {
    return exchange_ != nullptr && version_ < "2026-07-28" && !events_.last_event_id().empty();
}

void HttpPost::resume_later() {
    if (events_.last_event_id() != resumed_from_) resumes_in_vain_ = 0;
    if (resumes_in_vain_ >= most_resumes_in_vain) {
        return lost("the stream of the answer broke " + std::to_string(resumes_in_vain_ + 1) +
                    " times without getting on");
    }
    HttpConversation& conversation = channel_.conversation();
    const Duration wait = resume_delay(events_.retry(), resumes_in_vain_, conversation.runtime().random().uniform());
    timer_.arm(saturating_add(conversation.loop().now(), wait));
}

/// Asks for the rest of the answer (*Resumability and Redelivery*): a GET, so that nothing runs twice.
void HttpPost::resume() {
    HttpConversation& conversation = channel_.conversation();
    ++resumes_in_vain_;
    resumed_from_ = events_.last_event_id();
    events_.restart();
    resuming_ = true;
    HttpRequest request;
    request.method = "GET";
    request.target = conversation.url().target;
    request.headers = conversation.event_headers(resumed_from_);
    request.connect_deadline = conversation.connect_deadline();
    request.long_lived = true;
    operation_ = requester_->start(std::move(request), *this);
}

void HttpPost::lost(std::string text) {
    Error error(ErrorKind::connection_lost, std::move(text), Disposition::maybe_executed);
    error.edit().started = true;
    fail(std::move(error));
}

void HttpPost::fail(Error error) { channel_.fail(*this, std::move(error)); }

}  // namespace haive::mcp
