#pragma once

#include "guard/hedge_plan.hpp"
#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/protocol/caller.hpp"

#include <cstdint>

namespace haive::mcp {

/// Asks a second time for protocol reads that take unusually long, and takes whichever answer comes first; the other
/// request is cancelled. Tool calls are never hedged. Worth it where the two requests meet different servers or
/// sessions: in front of a pool. Loop thread only; must outlive its calls.
class HedgeCaller final : public Caller {
public:
    HedgeCaller(Caller& inner, Loop& loop) : inner_(inner), loop_(loop) {}

    Task<Result<Reply>> call(Request request) override;

    [[nodiscard]] std::uint64_t hedged() const noexcept { return hedged_; }
    [[nodiscard]] std::uint64_t won() const noexcept { return won_; }

private:
    struct Race;
    Task<Result<Reply>> race(Request request, Duration delay);
    static detail::Detached run(std::shared_ptr<Race> race, Caller& inner, Request request, int lane);

    Caller& inner_;
    Loop& loop_;
    HedgePlan plan_;
    std::uint64_t hedged_ = 0;
    std::uint64_t won_ = 0;
};

}  // namespace haive::mcp
