#pragma once

#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/transport/channel.hpp"
#include "jsonrpc/call_table.hpp"
#include "transport/stream/byte_stream.hpp"
#include "transport/stream/line_parser.hpp"
#include "transport/stream/outbox_queue.hpp"
#include "transport/stream/stream_resources.hpp"
#include "transport/stream/unasked_budget.hpp"

#include <memory>

namespace haive::mcp {

struct StreamLimits {
    std::size_t max_message = std::size_t{64} << 20;  ///< bytes of one inbound message
    std::size_t max_outbox = std::size_t{4} << 20;    ///< bytes queued behind the frame being written
    std::size_t max_in_flight = 128 * 8;              ///< exchanges waiting at once
};

/// Many exchanges over one byte stream: newline framing, the call table, the outbox, the verdicts.
/// What stdio, memory, Unix-socket and TCP channels share; they add how to close and what to tell.
class StreamChannel : public Channel, private ByteStream::Handler {
public:
    StreamChannel(Loop& loop, StreamResources& resources, std::unique_ptr<ByteStream> stream, StreamLimits limits);
    ~StreamChannel() override;

    void start(Channel::Handler& handler) override;
    void exchange(Outbound message, Exchange& exchange) override;
    bool send(Outbound message) override;
    Disposition abandon(std::uint64_t id) override;
    Exchange* find(std::uint64_t id) override;
    std::size_t in_flight() const noexcept override { return calls_.size(); }
    ChannelEvidence evidence() const override;
    TimePoint last_byte_in() const noexcept override { return last_byte_in_; }
    void fail_calls(const Error& why) override;
    void close(CloseMode mode, UniqueFunction<void()> done) override;

protected:
    /// Lets a subclass report the loss it saw first (process exit). Idempotent.
    void lose(Error error, bool graceful);
    /// Stops taking and giving messages without touching the far side. Calls in flight end.
    void stop_talking(const Error& why);
    /// The stream is over. A subclass may wait for more to be known; by default that is the loss.
    virtual void stream_ended(Error error, bool graceful) { lose(std::move(error), graceful); }
    /// What the loss looks like with everything that is known (exit status, stderr tail).
    virtual Error enrich(Error error) const { return error; }
    [[nodiscard]] ByteStream& stream() noexcept { return *stream_; }
    [[nodiscard]] Loop& loop() noexcept { return loop_; }
    /// Becomes null when the channel is destroyed, which any callback into the conversation may do.
    [[nodiscard]] std::shared_ptr<StreamChannel*> watch() const noexcept { return self_; }
    [[nodiscard]] bool talking() const noexcept { return state_ == State::open; }

private:
    enum class State : std::uint8_t { created, open, ended };

    void on_bytes(char* data, std::size_t size) override;
    void on_writable() override;
    void on_stream_end(Error error, bool graceful) override;
    void on_line(std::string_view line);
    void on_overlong(const OverlongLine& line);
    void deliver(const MessageView& message);
    bool enqueue(Outbound message);
    void flush();
    void schedule_flush();
    void fail_all(const Error& why);
    void slow_down_a_flood();
    void settle() noexcept;

    Loop& loop_;
    StreamResources& resources_;
    std::unique_ptr<ByteStream> stream_;
    StreamLimits limits_;
    Channel::Handler* handler_ = nullptr;
    CallTable calls_;
    OutboxQueue outbox_;
    LineParser lines_;
    State state_ = State::created;
    bool dispatching_ = false;
    bool flush_scheduled_ = false;
    bool blocked_ = false;
    std::size_t unasked_ = 0;  ///< messages of this block that answer nothing, and their bytes
    std::size_t unasked_bytes_ = 0;
    bool talks_much_ = true;  ///< read in small blocks, as long as nothing but answers has come
    bool new_here_ = true;    ///< it has answered nothing, and has not been there long
    bool flood_told_ = false;
    UnaskedBudget unasked_budget_;
    std::unique_ptr<Timer> rest_;  ///< made at the first flood
    std::uint64_t junk_lines_ = 0;
    std::uint64_t oversized_ = 0;
    std::uint64_t late_replies_ = 0;
    std::uint64_t bytes_in_ = 0;
    std::uint64_t bytes_out_ = 0;
    TimePoint last_byte_in_{};
    TimePoint started_{};
    std::string first_junk_;
    std::shared_ptr<StreamChannel*> self_;  // nulled in the destructor: posted work checks it
};

}  // namespace haive::mcp
