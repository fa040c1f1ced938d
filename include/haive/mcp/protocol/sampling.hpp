#pragma once

#include "haive/mcp/protocol/content.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace haive::mcp {

/// One message to or from a model; several blocks since 2025-11-25, one before.
struct SamplingMessage {
    std::string role;  ///< "user" or "assistant"
    std::vector<ContentBlock> content;
    RawJson meta;
};

/// What the server would like of the model; the client decides. Priorities are 0..1.
struct ModelPreferences {
    std::vector<std::string> hints;  ///< parts of model names, best first
    std::optional<double> cost_priority;
    std::optional<double> speed_priority;
    std::optional<double> intelligence_priority;
};

/// A server asks the client's model (`sampling/createMessage`, *Sampling*). Untrusted: a person should
/// see it first.
struct CreateMessageRequest {
    CreateMessageRequest() = default;
    std::vector<SamplingMessage> messages;
    ModelPreferences model_preferences;
    std::string system_prompt;
    std::string include_context;  ///< "none", "thisServer", "allServers" or empty
    std::optional<double> temperature;
    std::int64_t max_tokens = 0;  ///< must be respected
    std::vector<std::string> stop_sequences;
    RawJson metadata;
    RawJson tools;        ///< an array, as sent (2025-11-25); empty when there are none
    RawJson tool_choice;  ///< an object, as sent
    RawJson meta;
    RawJson raw;  ///< the whole params, byte for byte
};

/// The model's answer. `raw` of a content block lets tool_use blocks through.
struct CreateMessageResult {
    CreateMessageResult() = default;
    std::string role = "assistant";
    std::vector<ContentBlock> content;  ///< one is written as an object, several as an array
    std::string model;
    std::string stop_reason;  ///< "endTurn", "stopSequence", "maxTokens", "toolUse", other, or empty
};

/// Strict on `messages` and `maxTokens`. Errors: protocol_violation naming the field; answer the server
/// with invalid_params then.
[[nodiscard]] Result<CreateMessageRequest> parse_create_message_request(std::string_view raw_params);
[[nodiscard]] RawJson to_json(const CreateMessageResult& result);

}  // namespace haive::mcp
