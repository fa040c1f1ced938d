#include "haive/mcp/base/random.hpp"

#include <random>

namespace haive::mcp {

std::uint64_t os_seed() {
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace haive::mcp
