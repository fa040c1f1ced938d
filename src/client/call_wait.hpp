#pragma once

#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/protocol/caller.hpp"
#include "haive/mcp/transport/channel.hpp"

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <coroutine>
#include <optional>

namespace haive::mcp {

/// The two limits of one call: silence, which progress restarts, and the total, which nothing does.
struct CallLimits {
    TimePoint total = never;
    Duration idle = Duration::max();
    bool reset_on_progress = true;
};

/// One call waiting for its one end: an answer, a loss, a limit or a cancel, whichever is first.
/// Lives in the frame of the coroutine that awaits it. Loop thread only.
class CallWait final
    : public Exchange,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    CallWait(Loop& loop, Channel& channel, std::uint64_t id, CallLimits limits, const Request& request);
    ~CallWait() override;

    void send(Outbound message);

    [[nodiscard]] TimePoint sent_at() const noexcept { return sent_at_; }
    /// The moment at which this call ends by itself (H-14 looks at it).
    [[nodiscard]] TimePoint ends_by() const noexcept { return std::min(idle_due_, limits_.total); }

    // Exchange
    void on_reply(const MessageView& message) override;
    void on_failed(Error error) override;
    void on_started() override { started_ = true; }
    /// A progress notification with this call's token.
    void on_progress(const Progress& progress);

    // Awaitable: the raw `result` text, or the Error with its verdict.
    [[nodiscard]] bool await_ready() const noexcept { return outcome_.has_value(); }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
    Result<RawJson> await_resume() { return std::move(*outcome_); }

private:
    void on_limit();
    void give_up(ErrorKind kind, std::string text);
    void finish(Result<RawJson> outcome);
    void arm();

    Loop& loop_;
    Channel& channel_;
    const Request& request_;
    std::uint64_t id_;
    CallLimits limits_;
    TimePoint idle_due_;
    TimePoint sent_at_;
    TimePoint last_reset_;
    std::optional<double> last_progress_;
    bool started_ = false;
    std::optional<Result<RawJson>> outcome_;
    std::coroutine_handle<> waiter_;
    Timer timer_;
};

using CallList = boost::intrusive::list<CallWait, boost::intrusive::constant_time_size<false>>;

/// The Error of a JSON-RPC error answer.
[[nodiscard]] Error error_of_answer(std::string_view error_object);

}  // namespace haive::mcp
