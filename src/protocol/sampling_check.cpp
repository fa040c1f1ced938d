#include "protocol/sampling_check.hpp"

#include "jsonrpc/json_slice_parser.hpp"

#include <algorithm>
#include <set>

namespace haive::mcp {

namespace {

/// A string member of a block that only its raw text has.
std::string member_of(const ContentBlock& block, std::string_view key) {
    std::string out;
    JsonObjectSlices members(block.raw.text());
    while (members.next()) {
        if (members.key() == key && !decode_json_string(members.value(), out)) out.clear();
    }
    return out;
}

std::set<std::string> ids_of(const SamplingMessage& message, std::string_view type, std::string_view key) {
    std::set<std::string> ids;
    for (const ContentBlock& block : message.content) {
        if (block.type == type) ids.insert(member_of(block, key));
    }
    return ids;
}

bool has(const SamplingMessage& message, std::string_view type) {
    return std::ranges::any_of(message.content, [type](const ContentBlock& block) { return block.type == type; });
}

}  // namespace

std::optional<std::string> sampling_problem(const CreateMessageRequest& request, bool offers_tools) {
    const bool wants_tools = !request.tools.empty() || !request.tool_choice.empty();
    if (wants_tools && !offers_tools) return "this client did not offer `sampling.tools`";
    std::set<std::string> open;  // tool uses of the message before
    for (const SamplingMessage& message : request.messages) {
        const auto results = ids_of(message, "tool_result", "toolUseId");
        if (!results.empty()) {
            const auto is_result = [](const ContentBlock& block) { return block.type == "tool_result"; };
            if (message.role != "user") return "a tool_result stands in a message that is not the user's";
            if (!std::ranges::all_of(message.content, is_result)) {
                return "a message with a tool_result has other content beside it";
            }
        }
        if (results != open) return "tool uses and the tool results of the next message do not match";
        open = ids_of(message, "tool_use", "id");
        if (has(message, "tool_use") && message.role != "assistant") {
            return "a tool_use stands in a message that is not the assistant's";
        }
    }
    if (!open.empty()) return "a tool_use has no tool_result";
    return std::nullopt;
}

}  // namespace haive::mcp
