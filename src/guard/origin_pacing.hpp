#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace haive::mcp {

/// What origins asked for with Retry-After, shared by all that talk to them: a limit is usually one for the whole
/// account or address, so that the other servers of an origin would only be refused too. Pure; capped as B-5 says.
class OriginPacing {
public:
    static constexpr Duration longest = std::chrono::seconds(300);
    static constexpr std::size_t most_origins = 1024;

    /// An empty origin is nobody's.
    void note(std::string_view origin, Duration retry_after, TimePoint now);
    /// When the origin may be asked again; in the past when it may be now.
    [[nodiscard]] TimePoint until(std::string_view origin) const;

private:
    std::map<std::string, TimePoint, std::less<>> until_;
};

}  // namespace haive::mcp
