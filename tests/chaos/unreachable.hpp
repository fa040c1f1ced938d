#pragma once

#include "connection/transition_table.hpp"

#include <string_view>

namespace haive::mcp::chaos {

/// Why a row of the transition table cannot be walked here; empty for those that must be.
constexpr std::string_view why_unreachable(const Transition& row) noexcept {
    if (row.event == EventType::session_lost) return "only HTTP has sessions to lose";
    if (row.event == EventType::credentials_changed) return "only HTTP has token providers";
    if (row.event == EventType::drain || row.from == Phase::draining) return "only a pool drains its members";
    if (row.from == Phase::opening && row.event == EventType::handshake_ok) return "the driver tells `opened` first";
    const bool attempting = row.from == Phase::opening || row.from == Phase::handshaking;
    if (attempting && row.event == EventType::lost) return "the driver tells a loss during an attempt as its failure";
    return {};
}

}  // namespace haive::mcp::chaos
