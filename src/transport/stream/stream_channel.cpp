#include "transport/stream/stream_channel.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace haive::mcp {

namespace {

constexpr std::size_t junk_excerpt = 200;
constexpr std::size_t pieces_per_write = 64;
// What is said unasked is many small messages, at most 1 us each: in blocks of this size nobody waits behind them.
constexpr std::size_t much_talk = std::size_t{4} << 10;
constexpr Duration at_first = std::chrono::milliseconds(500);

/// What JSON may hide in: a byte order mark, spaces, colour codes before and behind.
std::string_view without_decoration(std::string_view line) {
    if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    for (;;) {
        if (line.starts_with("\x1b[")) {
            const auto end = line.find_first_of("mKhlJH", 2);
            if (end == std::string_view::npos) return line;
            line.remove_prefix(end + 1);
        } else if (!line.empty() && (line.front() == ' ' || line.front() == '\t')) {
            line.remove_prefix(1);
        } else {
            break;
        }
    }
    if (line.empty() || (line.front() != '{' && line.front() != '[') || line.back() == '}' || line.back() == ']')
        return line;
    const auto last = line.find_last_of("}]");
    const bool coloured =
        last != std::string_view::npos && line.substr(last + 1).find("\x1b[") != std::string_view::npos;
    return coloured ? line.substr(0, last + 1) : line;
}

/// The number in an id that came back as text: some servers make every id a string.
std::uint64_t number_in_text(std::string_view raw) {
    if (raw.size() < 3 || raw.front() != '"' || raw.back() != '"') return 0;
    raw = raw.substr(1, raw.size() - 2);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
    return error == std::errc() && end == raw.data() + raw.size() ? number : 0;
}

}  // namespace

StreamChannel::StreamChannel(Loop& loop, StreamResources& resources, std::unique_ptr<ByteStream> stream,
                             StreamLimits limits)
    : loop_(loop),
      resources_(resources),
      stream_(std::move(stream)),
      limits_(limits),
      lines_(limits.max_message),
      self_(std::make_shared<StreamChannel*>(this)) {}

StreamChannel::~StreamChannel() {
    *self_ = nullptr;
    stream_->close();
    fail_all(Error(ErrorKind::shutdown, "the channel was destroyed"));
}

void StreamChannel::start(Channel::Handler& handler) {
    handler_ = &handler;
    state_ = State::open;
    started_ = last_byte_in_ = loop_.now();
    stream_->limit_turn(much_talk);
    stream_->start(*this);
}

void StreamChannel::exchange(Outbound message, Exchange& exchange) {
    const std::uint64_t id = message.id;
    if (state_ != State::open) {
        exchange.on_failed(Error(ErrorKind::not_connected, "the channel is closed"));
        return;
    }
    if (calls_.size() >= limits_.max_in_flight) {
        exchange.on_failed(
            Error(ErrorKind::queue_full, std::to_string(calls_.size()) + " calls wait for this server already"));
        return;
    }
    calls_.add(id, exchange);
    if (!enqueue(std::move(message))) {
        calls_.take(id);
        exchange.on_failed(Error(ErrorKind::queue_full, "the server does not read: " + std::to_string(outbox_.bytes()) +
                                                            " bytes wait for it already"));
    }
}

bool StreamChannel::send(Outbound message) {
    message.id = 0;
    return state_ == State::open && enqueue(std::move(message));
}

bool StreamChannel::enqueue(Outbound message) {
    // A frame larger than the whole bound is taken when nothing else waits: it must be sendable at all.
    if (!outbox_.empty() && outbox_.bytes() + message.frame.size() > limits_.max_outbox) return false;
    outbox_.push(std::move(message.frame), message.id);
    schedule_flush();
    return true;
}

/// Frames of one turn leave in one write: inside a read dispatch at its end, else in a posted flush.
void StreamChannel::schedule_flush() {
    if (dispatching_ || flush_scheduled_ || blocked_) return;
    flush_scheduled_ = true;
    loop_.post([self = self_] {
        if (*self == nullptr) return;
        (*self)->flush_scheduled_ = false;
        (*self)->flush();
    });
}

void StreamChannel::flush() {
    std::array<std::string_view, pieces_per_write> frames;
    std::array<iovec, pieces_per_write> pieces;
    while (state_ == State::open && !blocked_ && !outbox_.empty()) {
        const std::size_t count = outbox_.gather(frames);
        for (std::size_t i = 0; i < count; ++i) {
            pieces[i] = iovec{const_cast<char*>(frames[i].data()), frames[i].size()};
        }
        const auto written = stream_->write(std::span(pieces).first(count));
        bytes_out_ += written.bytes;
        outbox_.consume(written.bytes, [this](std::uint64_t id) { calls_.mark_written(id); });
        if (written.broken) return;
        if (written.blocked) {
            blocked_ = true;
            stream_->await_writable();
        }
    }
}

void StreamChannel::on_writable() {
    blocked_ = false;
    flush();
}

Disposition StreamChannel::abandon(std::uint64_t id) {
    const auto* entry = calls_.find(id);
    if (entry == nullptr) return Disposition::maybe_executed;
    const CallState state = entry->state;
    calls_.take(id);
    if (state == CallState::waiting && outbox_.withdraw(id)) return Disposition::not_sent;
    // Begun frames are completed, so from the caller's view this one is out.
    return Disposition::maybe_executed;
}

Exchange* StreamChannel::find(std::uint64_t id) {
    const auto* entry = calls_.find(id);
    return entry == nullptr ? nullptr : entry->exchange;
}

void StreamChannel::on_bytes(char* data, std::size_t size) {
    bytes_in_ += size;
    if (state_ != State::open) return;  // draining a peer that is being closed
    last_byte_in_ = loop_.now();
    auto self = self_;
    dispatching_ = true;
    lines_.feed(
        data, size,
        [&](std::string_view line) {
            on_line(line);
            return *self != nullptr && state_ == State::open;
        },
        [&](const OverlongLine& line) {
            on_overlong(line);
            return *self != nullptr && state_ == State::open;
        });
    if (*self == nullptr) return;
    dispatching_ = false;
    if (unasked_ > 0) {
        slow_down_a_flood();
        if (*self == nullptr) return;
    } else {
        unasked_bytes_ = 0;
        if (std::exchange(talks_much_, false)) stream_->limit_turn(SIZE_MAX);
    }
    flush();
}

/// A server that talks without end is read at a bounded rate: it waits at its full pipe, and neither our loop nor the
/// cores that the other servers run on are spent on it.
void StreamChannel::slow_down_a_flood() {
    if (!talks_much_ && unasked_bytes_ >= much_talk) {
        talks_much_ = true;
        stream_->limit_turn(much_talk);
    }
    const auto weight = UnaskedBudget::weight(std::exchange(unasked_, 0), std::exchange(unasked_bytes_, 0));
    if (last_byte_in_ - started_ >= at_first) settle();
    TimePoint until = unasked_budget_.spend(weight, last_byte_in_, new_here_);
    if (new_here_) until = std::min(until, started_ + at_first);
    if (until <= last_byte_in_ || state_ != State::open) return;
    if (!rest_) rest_ = std::make_unique<Timer>(loop_, [this] { stream_->resume_reading(); });
    if (!new_here_ && handler_ != nullptr && !std::exchange(flood_told_, true)) {
        auto self = self_;
        handler_->on_channel_note("flood", "it talks unasked faster than " + std::to_string(UnaskedBudget::per_second) +
                                               " messages a second; it is read no faster");
        if (*self == nullptr) return;
    }
    stream_->pause_reading();
    rest_->arm(until);
}

/// From now on it may say as much as others; what it owes, it owes at the slower rate.
void StreamChannel::settle() noexcept {
    if (std::exchange(new_here_, false)) unasked_budget_ = {};
}

void StreamChannel::on_line(std::string_view line) {
    ++unasked_;  // until it turns out to be an answer
    unasked_bytes_ += line.size();
    line = without_decoration(line);
    if (line.empty()) return;
    if (line.front() == '{') {
        auto message = resources_.codec.route(line);
        if (message) {
            deliver(*message);
            return;
        }
        handler_->on_channel_note("bad_message", message.error().message());
    } else if (line.front() == '[') {
        auto self = self_;
        const bool batch = resources_.codec.split_batch(line, [&](std::string_view element) {
            if (*self == nullptr || state_ != State::open) return;
            if (auto message = resources_.codec.route(element)) deliver(*message);
        });
        if (batch || *self == nullptr) return;
    }
    ++junk_lines_;
    if (first_junk_.empty()) first_junk_.assign(line.substr(0, junk_excerpt));
    if (handler_ != nullptr) handler_->on_channel_note("junk_line", line.substr(0, junk_excerpt));
}

void StreamChannel::deliver(const MessageView& message) {
    if (message.kind == MessageKind::request || message.kind == MessageKind::notification) {
        handler_->on_message(message);
        return;
    }
    std::uint64_t id = 0;
    if (message.id.kind == MessageId::Kind::integer && message.id.number > 0) {
        id = static_cast<std::uint64_t>(message.id.number);
    } else if (message.id.kind == MessageId::Kind::string) {
        id = number_in_text(message.id.raw);
    }
    if (id != 0) {
        if (auto entry = calls_.take(id); entry.exchange != nullptr) {
            settle();
            if (unasked_ > 0) --unasked_;  // a batch is one line with several
            unasked_bytes_ -= std::min(unasked_bytes_, message.text.size());
            // A server can only answer what it has read whole, whatever our kernel said.
            entry.exchange->on_reply(message);
            return;
        }
        if (calls_.was_issued(id)) {
            ++late_replies_;
            unasked_bytes_ -= std::min(unasked_bytes_, message.text.size());  // long as it may be: it was asked for
            handler_->on_channel_note("late_reply", message.text.substr(0, junk_excerpt));
            return;
        }
    }
    handler_->on_channel_note("stray_reply", message.text.substr(0, junk_excerpt));
}

void StreamChannel::on_overlong(const OverlongLine& line) {
    ++oversized_;
    const std::uint64_t id = guess_integer_id(line.head, line.tail);
    auto entry = calls_.take(id);
    const std::string text = "a message of " + std::to_string(line.size) + " bytes is over the limit of " +
                             std::to_string(limits_.max_message) + " bytes and was discarded";
    if (entry.exchange == nullptr) {
        ++unasked_;
        unasked_bytes_ += line.size;
    }
    handler_->on_channel_note("oversized_message", text);
    if (entry.exchange != nullptr) {
        Error error(ErrorKind::response_too_large, text, Disposition::executed);
        error.set_mend("raise max_message_bytes, or ask the tool for less");
        entry.exchange->on_failed(std::move(error));
    }
}

void StreamChannel::on_stream_end(Error error, bool graceful) { stream_ended(std::move(error), graceful); }

void StreamChannel::lose(Error error, bool graceful) {
    if (state_ != State::open) return;
    state_ = State::ended;
    error = enrich(std::move(error));
    const bool idle = calls_.size() == 0;
    auto self = self_;
    ChannelEnd end;
    end.error = error;
    end.graceful = graceful && idle;
    if (handler_ != nullptr) handler_->on_channel_lost(end);
    if (*self != nullptr) fail_all(error);
}

void StreamChannel::fail_calls(const Error& why) { fail_all(why); }

void StreamChannel::stop_talking(const Error& why) {
    if (state_ == State::ended) return;
    state_ = State::ended;
    // What it still says is thrown away, so that it need not wait at its full pipe when it is told to end.
    if (rest_ && rest_->armed()) rest_->arm(loop_.now());
    fail_all(why);
}

void StreamChannel::fail_all(const Error& why) {
    outbox_.clear();
    auto self = self_;
    for (const std::uint64_t id : calls_.ids()) {
        const auto entry = calls_.take(id);
        if (entry.exchange == nullptr) continue;  // an earlier failure ended this one too
        Error error = why;
        error.set_disposition(CallTable::verdict(entry.state));
        entry.exchange->on_failed(std::move(error));
        if (*self == nullptr) return;
    }
}

ChannelEvidence StreamChannel::evidence() const {
    ChannelEvidence e;
    e.first_junk_line = first_junk_;
    e.junk_lines = junk_lines_;
    e.oversized_messages = oversized_;
    e.late_replies = late_replies_;
    e.bytes_in = bytes_in_;
    e.bytes_out = bytes_out_;
    e.peer_showed_life = bytes_in_ > 0;
    e.serial_peer = true;
    e.last_byte_in = last_byte_in_;
    return e;
}

void StreamChannel::close(CloseMode /*mode*/, UniqueFunction<void()> done) {
    stop_talking(Error(ErrorKind::shutdown, "the connection was closed"));
    stream_->close();
    loop_.post(std::move(done));
}

}  // namespace haive::mcp
