#include "transport/http/event_stream.hpp"

#include "haive/mcp/transport/runtime.hpp"
#include "transport/http/answer_plan.hpp"
#include "transport/http/http_channel.hpp"

#include <algorithm>
#include <utility>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration first_pause = 1s;
constexpr Duration longest_pause = 300s;

Duration pause_after(int failures, double u) {
    const Duration base = std::min<Duration>(longest_pause, first_pause * (1LL << std::min(failures, 16)));
    return base - std::chrono::duration_cast<Duration>(base * (0.5 * u));
}

}  // namespace

EventStream::EventStream(HttpChannel& channel)
    : channel_(channel),
      parser_(channel.conversation().options().max_message_bytes),
      timer_(channel.conversation().loop(), [this] { ask(); }) {}

EventStream::~EventStream() {
    if (gone_ != nullptr) *gone_ = true;
}

void EventStream::open() {
    failures_ = 0;
    had_stream_ = false;
    parser_ = SseParser(channel_.conversation().options().max_message_bytes);
    ask();
}

void EventStream::stop() {
    timer_.disarm();
    operation_.reset();
}

void EventStream::ask() {
    HttpConversation& conversation = channel_.conversation();
    refused_ = false;
    streaming_ = false;
    parser_.restart();
    HttpRequest request;
    request.method = "GET";
    request.target = conversation.url().target;
    request.headers = conversation.event_headers(parser_.last_event_id());
    request.connect_deadline = conversation.connect_deadline();
    request.long_lived = true;
    operation_ = conversation.requester()->start(std::move(request), *this);
}

void EventStream::on_head(const HttpHead& head) {
    AnswerHead facts;
    facts.status = head.status;
    facts.content_type = head.find("content-type");
    if (reading_of(facts) != AnswerReading::events) {
        refused_ = true;
        // 4xx: there is none here (and never a lost session). 5xx and 429 may pass.
        const bool final = head.status < 500 && head.status != 429 && head.status != 408;
        if (final) return stop();
        return;
    }
    failures_ = 0;
    if (had_stream_ && parser_.last_event_id().empty()) channel_.notifications_missed();
    had_stream_ = true;
    streaming_ = true;
}

void EventStream::on_body(char* data, std::size_t size) {
    if (refused_) return;
    channel_.conversation().note_bytes(size);
    parser_.feed(std::string_view(data, size), *this);
}

bool EventStream::on_event(const SseEvent& event) {
    if (!event.has_data || event.data.empty() || event.type != "message") return true;
    bool gone = false;
    bool* const before = std::exchange(gone_, &gone);
    HttpChannel& channel = channel_;
    const bool known = channel.conversation().route(event.data, [&](const MessageView& message) {
        if (gone) return;
        if (message.kind == MessageKind::request || message.kind == MessageKind::notification) {
            channel.deliver(message);
        } else {
            channel.deliver_answer(message);
        }
    });
    if (gone) {
        if (before != nullptr) *before = true;
        return false;
    }
    gone_ = before;
    if (!known) channel.note("bad_message", event.data.substr(0, 200));
    return operation_ != nullptr;  // stopped meanwhile
}

bool EventStream::on_overlong(const OverlongEvent& event) {
    channel_.note("oversized_message", "an event of " + std::to_string(event.size) + " bytes was discarded");
    return true;
}

void EventStream::on_end(HttpEnd end) {
    operation_.reset();
    if (end.error && channel_.lost_by(*end.error)) return;
    again();
}

void EventStream::again() {
    HttpConversation& conversation = channel_.conversation();
    Duration wait = pause_after(failures_++, conversation.runtime().random().uniform());
    if (const auto retry = parser_.retry(); retry && failures_ <= 1) wait = std::max<Duration>(*retry, 10ms);
    timer_.arm(saturating_add(conversation.loop().now(), wait));
}

}  // namespace haive::mcp
