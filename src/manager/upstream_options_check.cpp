#include "manager/upstream_options_check.hpp"

#include <cmath>
#include <stdexcept>

namespace haive::mcp {

UpstreamConfig checked(UpstreamConfig config) {
    const auto require = [&](bool holds, const char* what) {
        if (!holds) throw std::invalid_argument("haive::mcp: server '" + config.name + "': " + what);
    };
    const UpstreamOptions& o = config.upstream;
    require(!config.name.empty(), "the name must not be empty");
    require(config.transport != nullptr, "a transport is needed");
    require(std::isfinite(o.idle_stop.count()) && o.idle_stop > Seconds(0), "idle_stop must be finite and above zero");
    require(o.max_in_flight >= 1 && o.max_in_flight <= 10'000, "max_in_flight must be within 1 and 10000");
    require(o.max_queued >= 0, "max_queued must not be negative");
    return config;
}

}  // namespace haive::mcp
