#include "transport/stdio/environment_plan.hpp"

#include <string_view>
#include <unistd.h>

namespace haive::mcp {

Environment host_environment() {
    Environment out;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        const std::string_view line(*at);
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos || equals == 0) continue;
        out.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    return out;
}

}  // namespace haive::mcp
