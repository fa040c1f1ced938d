#include "http_session.hpp"

#include "seal.hpp"

#include <algorithm>
#include <charconv>

namespace builtin {

namespace {

constexpr std::size_t most_kept_events = 1000;
constexpr std::size_t most_kept_bytes = std::size_t{16} << 20;
constexpr std::size_t most_streams = 100;

struct EventId {
    unsigned stream = 0;
    unsigned event = 0;
};

/// `STREAM-EVENT`.
std::optional<EventId> parse_event_id(std::string_view text) {
    EventId out;
    const auto* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, out.stream);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, out.event);
    if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
    return out;
}

}  // namespace

std::string SessionStream::id(unsigned event) const { return std::to_string(number_) + "-" + std::to_string(event); }

void SessionStream::keep(std::string_view json) {
    events_.push_back({++last_event_, std::string(json)});
    kept_bytes_ += json.size();
    while (events_.size() > 1 && (events_.size() > most_kept_events || kept_bytes_ > most_kept_bytes)) {
        kept_bytes_ -= events_.front().data.size();
        events_.pop_front();
    }
}

void SessionStream::begin(unsigned after) {
    if (!answer_ || answer_->streaming()) return;
    answer_->begin();
    if (primes_) answer_->prime(id(after));
}

void SessionStream::line(std::string_view json) {
    if (world_.switches.sse_answers == HttpSwitches::Sse::never && general_) return general_->line(json);
    begin(last_event_);
    keep(json);
    if (!answer_ || !answer_->open()) return;
    answer_->event(id(last_event_), json);
    sent_ = last_event_;
}

void SessionStream::answer(std::string_view json, int) {
    if (answered_) return;
    if (world_.switches.sse_answers == HttpSwitches::Sse::always) begin(last_event_);
    if (answer_ && answer_->breaks_after_id()) answer_->prime(id(last_event_));
    keep(json);
    answered_ = true;
    if (!answer_ || !answer_->open()) return;
    answer_->last(200, id(last_event_), json);
    answer_ = nullptr;
}

/// The stream ends with an id, and the client may come back for the rest.
void SessionStream::interrupt(bool) {
    begin(last_event_);
    if (answer_) answer_->end();
    answer_ = nullptr;
}

void SessionStream::belongs_to(HttpAnswerPtr answer) {
    answer_ = std::move(answer);
    if (world_.switches.sse_answers == HttpSwitches::Sse::always) begin(last_event_);
}

void SessionStream::send_from(unsigned after) {
    for (const Event& event : events_) {
        if (event.number > after) answer_->event(id(event.number), event.data);
    }
    sent_ = last_event_;
}

bool SessionStream::resume(HttpAnswerPtr answer, unsigned after) {
    const bool known = after <= last_event_ && (events_.empty() || after + 1 >= events_.front().number);
    if (!known) return false;
    if (answer_) answer_->end();
    answer_ = std::move(answer);
    begin(after);
    send_from(after);
    if (answered_) close();
    return true;
}

void SessionStream::attach(HttpAnswerPtr answer) {
    if (answer_) answer_->end();
    answer_ = std::move(answer);
    begin(sent_);
    send_from(sent_);
}

void SessionStream::close() {
    if (answer_) answer_->end();
    answer_ = nullptr;
}

HttpSession::HttpSession(World& world)
    : world_(world),
      id_(random_text()),
      general_(std::make_shared<SessionStream>(world, 0, true, nullptr)),
      conversation_(std::make_shared<Conversation>(world, general_)) {}

HttpSession::~HttpSession() {
    conversation_->close();
    general_->close();
    for (const auto& [number, stream] : streams_) stream->close();
}

void HttpSession::post(json::object message, const std::string& version, HttpAnswerPtr answer) {
    constexpr std::string_view knows_priming = "2025-11-25";
    trim();
    const unsigned number = next_stream_++;
    auto stream = std::make_shared<SessionStream>(world_, number, version >= knows_priming, general_);
    streams_[number] = stream;
    stream->belongs_to(std::move(answer));
    conversation_->on_message(std::move(message), stream);
}

void HttpSession::take(json::object message) { conversation_->on_message(std::move(message), general_); }

/// Forgets the oldest streams that are done; and, before there are too many, the oldest at all.
void HttpSession::trim() {
    while (streams_.size() >= most_streams) {
        const auto done = std::ranges::find_if(streams_, [](const auto& each) { return each.second->finished(); });
        const auto oldest = done != streams_.end() ? done : streams_.begin();
        oldest->second->close();
        streams_.erase(oldest);
    }
}

bool HttpSession::get(HttpAnswerPtr answer, const std::string* last_event_id) {
    if (last_event_id == nullptr) {
        general_->attach(std::move(answer));
        return true;
    }
    const auto at = parse_event_id(*last_event_id);
    if (!at) return false;
    if (at->stream == 0) return general_->resume(std::move(answer), at->event);
    const auto found = streams_.find(at->stream);
    return found != streams_.end() && found->second->resume(std::move(answer), at->event);
}

}  // namespace builtin
