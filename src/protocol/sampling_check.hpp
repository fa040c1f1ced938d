#pragma once

#include "haive/mcp/protocol/sampling.hpp"

#include <optional>
#include <string>

namespace haive::mcp {

/// What is wrong with a sampling request, as a sentence for the server; nullopt when nothing is (*Sampling*,
/// 2025-11-25): tools only for clients that offer them; a user's message with tool results has nothing else;
/// each tool use is answered by the next message, and results answer the message before. Pure.
[[nodiscard]] std::optional<std::string> sampling_problem(const CreateMessageRequest& request, bool offers_tools);

}  // namespace haive::mcp
