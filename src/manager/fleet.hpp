#pragma once

#include "connection/retry_ceiling.hpp"
#include "guard/origin_pacing.hpp"
#include "haive/mcp/transport/runtime.hpp"
#include "manager/fleet_gate.hpp"

#include <cstddef>
#include <memory>

namespace haive::mcp {

/// What the servers of one manager share.
struct Fleet {
    std::shared_ptr<Runtime> runtime;
    std::shared_ptr<FleetGate> gate;
    std::shared_ptr<OriginPacing> pacing;
    std::shared_ptr<RetryCeiling> retries;
    std::shared_ptr<std::size_t> listings;  ///< how many servers are being listed
};

}  // namespace haive::mcp
