#pragma once

#include "guard/guard_witness.hpp"
#include "guard/origin_pacing.hpp"
#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/base/random.hpp"
#include "haive/mcp/protocol/caller.hpp"

#include <memory>
#include <string>

namespace haive::mcp {

/// Holds calls back while their origin asked for patience, whichever of its servers was told; a call that cannot wait
/// so long is `rate_limited`, not_sent, with the time to come back. Loop thread only; must outlive its calls.
class PacingCaller final : public Caller {
public:
    PacingCaller(std::string server, std::string origin, Caller& inner, std::shared_ptr<OriginPacing> pacing,
                 Loop& loop, Random& random, Duration usual_timeout)
        : server_(std::move(server)),
          origin_(std::move(origin)),
          inner_(inner),
          pacing_(std::move(pacing)),
          loop_(loop),
          random_(random),
          usual_timeout_(usual_timeout) {}

    Task<Result<Reply>> call(Request request) override;
    GuardWitness* witness = nullptr;  ///< may be null; must outlive the calls

private:
    Error refusal(Duration wait, const Request& request) const;

    const std::string server_;
    const std::string origin_;
    Caller& inner_;
    std::shared_ptr<OriginPacing> pacing_;
    Loop& loop_;
    Random& random_;
    Duration usual_timeout_;
};

}  // namespace haive::mcp
