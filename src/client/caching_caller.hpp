#pragma once

#include "client/client_context.hpp"
#include "haive/mcp/client/session_facts.hpp"
#include "haive/mcp/protocol/caller.hpp"

namespace haive::mcp {

/// Answers list requests from the catalogue where it may, and fills it. One per call; `slot` lets the
/// call be cancelled whoever makes the request.
class CachingCaller final : public Caller {
public:
    CachingCaller(std::shared_ptr<ClientContext> context, std::shared_ptr<Caller> inner,
                  std::shared_ptr<const SessionFacts> facts, bool use_cache, std::shared_ptr<CancelSlot> slot)
        : context_(std::move(context)),
          inner_(std::move(inner)),
          facts_(std::move(facts)),
          slot_(std::move(slot)),
          use_cache_(use_cache) {}

    Task<Result<Reply>> call(Request request) override;

private:
    Task<Result<Reply>> cached_call(Request request);

    std::shared_ptr<ClientContext> context_;
    std::shared_ptr<Caller> inner_;
    std::shared_ptr<const SessionFacts> facts_;
    std::shared_ptr<CancelSlot> slot_;
    bool use_cache_;
};

}  // namespace haive::mcp
