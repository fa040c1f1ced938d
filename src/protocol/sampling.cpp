#include "haive/mcp/protocol/sampling.hpp"

#include "protocol/field_reader.hpp"

namespace haive::mcp {

namespace {

/// One block, or since 2025-11-25 a list of them.
bool read_content(FieldReader& in, std::vector<ContentBlock>& out) {
    if (json_type(in.value()) == JsonType::array) return in.items(out, parse_content_block);
    auto block = parse_content_block(in.value());
    if (block.has_error()) return in.fail("`content`: " + block.error().message());
    out.push_back(std::move(*block));
    return true;
}

Result<SamplingMessage> parse_sampling_message(std::string_view raw) {
    SamplingMessage out;
    bool has_role = false;
    bool has_content = false;
    FieldReader in("SamplingMessage", raw);
    while (in.next()) {
        if (in.is("role")) {
            has_role = in.text(out.role);
        } else if (in.is("content")) {
            has_content = read_content(in, out.content);
        } else if (in.is("_meta")) {
            in.maybe_object(out.meta);
        }
    }
    in.require(has_role, "role");
    in.require(has_content, "content");
    if (in.failed()) return in.error();
    return out;
}

Result<std::string> parse_hint(std::string_view raw) {
    std::string name;
    FieldReader in("ModelHint", raw);
    while (in.next()) {
        if (in.is("name")) in.maybe(name);
    }
    if (in.failed()) return in.error();
    return name;
}

void read_preferences(std::string_view raw, ModelPreferences& out) {
    FieldReader in("ModelPreferences", raw);
    while (in.next()) {
        if (in.is("hints")) {
            std::vector<SkippedItem> skipped;
            in.items(out.hints, skipped, parse_hint);
        } else if (in.is("costPriority")) {
            in.maybe(out.cost_priority);
        } else if (in.is("speedPriority")) {
            in.maybe(out.speed_priority);
        } else if (in.is("intelligencePriority")) {
            in.maybe(out.intelligence_priority);
        }
    }
}

}  // namespace

Result<CreateMessageRequest> parse_create_message_request(std::string_view raw_params) {
    CreateMessageRequest out;
    bool has_messages = false;
    bool has_max_tokens = false;
    FieldReader in("CreateMessageRequest", raw_params);
    while (in.next()) {
        if (in.is("messages")) {
            has_messages = in.items(out.messages, parse_sampling_message);
        } else if (in.is("maxTokens")) {
            has_max_tokens = in.integer(out.max_tokens);
        } else if (in.is("modelPreferences")) {
            read_preferences(in.value(), out.model_preferences);
        } else if (in.is("systemPrompt")) {
            in.maybe(out.system_prompt);
        } else if (in.is("includeContext")) {
            in.maybe(out.include_context);
        } else if (in.is("temperature")) {
            in.maybe(out.temperature);
        } else if (in.is("stopSequences")) {
            in.maybe(out.stop_sequences);
        } else if (in.is("metadata")) {
            in.maybe_object(out.metadata);
        } else if (in.is("tools")) {
            if (json_type(in.value()) == JsonType::array) in.any(out.tools);
        } else if (in.is("toolChoice")) {
            in.maybe_object(out.tool_choice);
        } else if (in.is("_meta")) {
            in.maybe_object(out.meta);
        }
    }
    in.require(has_messages, "messages");
    in.require(has_max_tokens, "maxTokens");
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw_params));
    return out;
}

RawJson to_json(const CreateMessageResult& result) {
    std::string content;
    for (const ContentBlock& block : result.content) {
        if (!content.empty()) content += ',';
        content += to_json(block).text();
    }
    if (result.content.size() != 1) content = '[' + content + ']';
    FieldWriter out;
    out.text("role", result.role);
    out.raw("content", content);
    out.text("model", result.model);
    out.text_if("stopReason", result.stop_reason);
    return out.take();
}

}  // namespace haive::mcp
