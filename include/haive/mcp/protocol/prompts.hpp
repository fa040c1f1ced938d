#pragma once

#include "haive/mcp/protocol/content.hpp"

#include <optional>
#include <string>
#include <vector>

namespace haive::mcp {

/// One blank of a prompt (*Prompts*).
struct PromptArgument {
    std::string name;
    std::string title;
    std::string description;
    bool required = false;
};

/// A template for messages that a server offers (*Prompts*).
struct Prompt {
    std::string name;
    std::string title;
    std::string description;
    std::vector<PromptArgument> arguments;
    std::vector<Icon> icons;
    RawJson meta;
    RawJson raw;  ///< the whole object, byte for byte

    [[nodiscard]] const std::string& display_name() const noexcept { return title.empty() ? name : title; }
};

struct PromptMessage {
    std::string role;  ///< "user" or "assistant"
    ContentBlock content;
};

struct ListPromptsResult {
    ListPromptsResult() = default;
    std::vector<Prompt> prompts;
    std::vector<SkippedItem> skipped;
    std::optional<std::string> next_cursor;  ///< after a whole list: set only when it is incomplete
    CacheHints cache;
    RawJson meta;
};

struct GetPromptResult {
    GetPromptResult() = default;
    std::string description;
    std::vector<PromptMessage> messages;
    RawJson meta;
    RawJson raw;  ///< the whole result, byte for byte
};

// Each: protocol_violation naming the field when a required one is missing or of the wrong type.
[[nodiscard]] Result<Prompt> parse_prompt(std::string_view raw);
[[nodiscard]] Result<PromptMessage> parse_prompt_message(std::string_view raw);
[[nodiscard]] Result<ListPromptsResult> parse_list_prompts_result(std::string_view raw_result);
[[nodiscard]] Result<GetPromptResult> parse_get_prompt_result(std::string_view raw_result);

}  // namespace haive::mcp
