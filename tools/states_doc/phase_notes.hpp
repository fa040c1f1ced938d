#pragma once

#include "haive/mcp/connection/phase.hpp"

#include <array>
#include <string_view>

namespace haive::mcp::states_doc {

/// Every phase, in the order of the enumeration.
inline constexpr std::array all_phases{
    Phase::idle,    Phase::closing, Phase::opening, Phase::handshaking, Phase::ready, Phase::suspect,   Phase::draining,
    Phase::backoff, Phase::gated,   Phase::failed,  Phase::exhausted,   Phase::fatal, Phase::auth_wait,
};

/// What a person should know about a phase and the table does not say. Line breaks mean nothing.
[[nodiscard]] std::string_view note_on(Phase phase) noexcept;

}  // namespace haive::mcp::states_doc
