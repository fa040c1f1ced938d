#pragma once

#include "guard/guard_witness.hpp"
#include "guard/in_flight_queue.hpp"
#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/protocol/caller.hpp"

#include <coroutine>
#include <string>
#include <unordered_map>

namespace haive::mcp {

/// At most so many calls of one server at once; more wait, in turn by asker and no longer than they may. A call whose
/// deadline would be over before its turn comes is refused at once. Refusals are `queue_full` or `deadline_exceeded`,
/// not_sent. Loop thread only; must outlive its calls.
class LimitCaller final : public Caller {
public:
    LimitCaller(std::string server, Caller& inner, Loop& loop, int max_in_flight, int max_queued,
                Duration usual_timeout)
        : server_(std::move(server)),
          inner_(inner),
          loop_(loop),
          queue_(max_in_flight, max_queued),
          usual_timeout_(usual_timeout) {}

    Task<Result<Reply>> call(Request request) override;
    GuardWitness* witness = nullptr;  ///< may be null; must outlive the calls

    [[nodiscard]] int in_flight() const noexcept { return queue_.in_flight(); }
    [[nodiscard]] int waiting() const noexcept { return queue_.waiting(); }
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

private:
    class Turn;
    Error refusal(ErrorKind kind, std::string text, const Request& request);
    void leave();
    [[nodiscard]] Duration expected_wait() const noexcept;

    const std::string server_;
    Caller& inner_;
    Loop& loop_;
    InFlightQueue queue_;
    std::unordered_map<std::uint64_t, Turn*> turns_;
    std::uint64_t next_number_ = 1;
    Duration usual_timeout_;
    Duration usual_call_{};  // smoothed
    std::uint64_t refused_ = 0;
};

}  // namespace haive::mcp
