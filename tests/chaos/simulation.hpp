#pragma once

#include "chaos/habits.hpp"
#include "chaos/report.hpp"

#include <cstdint>

namespace haive::mcp::chaos {

/// One whole simulation: the real connections against simulated servers, in virtual time, from one seed.
/// The same seed gives the same report. `aloud` prints what happens.
Report run_seed(std::uint64_t seed, bool aloud = false, Habits habits = Habits());

}  // namespace haive::mcp::chaos
