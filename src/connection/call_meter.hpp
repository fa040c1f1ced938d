#pragma once

#include "connection/retry_plan.hpp"
#include "haive/mcp/observe/call_observer.hpp"
#include "haive/mcp/observe/metrics.hpp"
#include "haive/mcp/protocol/caller.hpp"
#include "haive/mcp/transport/runtime.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// What one call tells metrics and the observer of calls, from its start to its one end. It lives in the call's
/// frame: a call that is dropped is no longer active. Costs two tests where neither is there. Loop thread only.
class CallMeter {
public:
    /// `trace`: of the call, from another connection that it was on before; else it is begun, and left for the next.
    CallMeter(std::string_view server, Runtime& runtime, ServerMetrics* metrics, std::uint64_t number,
              const Request& request, RetryClass retry_class, std::optional<TraceContext>& trace);
    ~CallMeter();
    CallMeter(const CallMeter&) = delete;
    CallMeter& operator=(const CallMeter&) = delete;

    void waits(bool waits) noexcept {
        if (metrics_ == nullptr || waits == waits_) return;
        waits_ = waits;
        metrics_->pending.add(waits ? 1 : -1);
    }
    /// An attempt goes out in a session of this protocol version: puts its trace context into the request where calls
    /// are traced.
    void attempt_begins(Request& request, int attempt, std::string_view version);
    void attempt_ends(const Result<Reply>& reply, int attempt, std::uint64_t generation);
    /// It will be sent again.
    void retried(ErrorKind why, bool transparent) noexcept;
    /// The call's end, handed through.
    [[nodiscard]] Result<Reply> ended(Result<Reply> reply, double tokens_left);

private:
    void tell(const Result<Reply>& reply, int attempt, TimePoint began, const TraceContext& trace,
              std::uint64_t generation);
    [[nodiscard]] CallEnd end_of(const Result<Reply>& reply) const;

    const std::string_view server_;
    Runtime& runtime_;
    ServerMetrics* const metrics_;
    const std::shared_ptr<CallObserver> observer_;
    const Request& request_;
    const std::uint64_t number_;
    const std::size_t class_;
    TimePoint began_{};
    TimePoint attempt_began_{};
    std::chrono::system_clock::time_point wall_began_{};
    std::chrono::system_clock::time_point wall_attempt_began_{};
    TraceContext trace_;
    TraceContext attempt_trace_;
    std::string version_;  // of the newest attempt: its session may be gone before the call is; never long
    int attempts_ = 0;
    bool waits_ = false;
};

/// How a call ended that no connection had any more, or ever.
struct Refusal {
    ErrorKind why{};
    Disposition disposition = Disposition::not_sent;
    int attempts = 0;                   ///< on the connections that had it before
    std::optional<TraceContext> trace;  ///< of the call, when one of them began it
};
/// Tells the observer of calls, if there is one: it has taken as long as it was with us.
void tell_of_refusal(std::string_view server, Runtime& runtime, const Request& request, const Refusal& refusal);

}  // namespace haive::mcp
