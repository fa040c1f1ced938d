#include "haive/mcp/protocol/prompts.hpp"

#include "protocol/field_reader.hpp"

namespace haive::mcp {

namespace {

Result<PromptArgument> parse_prompt_argument(std::string_view raw) {
    PromptArgument out;
    bool has_name = false;
    FieldReader in("PromptArgument", raw);
    while (in.next()) {
        if (in.is("name")) {
            has_name = in.text(out.name);
        } else if (in.is("title")) {
            in.maybe(out.title);
        } else if (in.is("description")) {
            in.maybe(out.description);
        } else if (in.is("required")) {
            in.maybe(out.required);
        }
    }
    in.require(has_name, "name");
    if (in.failed()) return in.error();
    return out;
}

}  // namespace

Result<Prompt> parse_prompt(std::string_view raw) {
    Prompt out;
    bool has_name = false;
    FieldReader in("Prompt", raw);
    while (in.next()) {
        if (in.is("name")) {
            has_name = in.text(out.name);
        } else if (in.is("title")) {
            in.maybe(out.title);
        } else if (in.is("description")) {
            in.maybe(out.description);
        } else if (in.is("arguments")) {
            if (!in.is_null()) in.items(out.arguments, parse_prompt_argument);
        } else if (in.is("icons")) {
            in.maybe(out.icons);
        } else if (in.is("_meta")) {
            in.maybe_object(out.meta);
        }
    }
    in.require(has_name, "name");
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw));
    return out;
}

Result<PromptMessage> parse_prompt_message(std::string_view raw) {
    PromptMessage out;
    bool has_role = false;
    bool has_content = false;
    FieldReader in("PromptMessage", raw);
    while (in.next()) {
        if (in.is("role")) {
            has_role = in.text(out.role);
        } else if (in.is("content")) {
            auto content = parse_content_block(in.value());
            has_content = content.has_value();
            if (has_content) {
                out.content = std::move(*content);
            } else {
                in.fail("`content`: " + content.error().message());
            }
        }
    }
    in.require(has_role, "role");
    in.require(has_content, "content");
    if (in.failed()) return in.error();
    return out;
}

Result<ListPromptsResult> parse_list_prompts_result(std::string_view raw_result) {
    ListPromptsResult out;
    bool has_list = false;
    FieldReader in("ListPromptsResult", raw_result);
    while (in.next()) {
        if (in.result_member(out.meta) || in.cache_member(out.cache)) continue;
        if (in.is("prompts")) {
            has_list = in.items(out.prompts, out.skipped, parse_prompt);
        } else if (in.is("nextCursor")) {
            in.cursor(out.next_cursor);
        }
    }
    in.require(has_list, "prompts");
    if (in.failed()) return in.error();
    return out;
}

Result<GetPromptResult> parse_get_prompt_result(std::string_view raw_result) {
    GetPromptResult out;
    bool has_messages = false;
    FieldReader in("GetPromptResult", raw_result);
    while (in.next()) {
        if (in.is("messages")) {
            has_messages = in.items(out.messages, parse_prompt_message);
        } else if (in.is("description")) {
            in.maybe(out.description);
        } else {
            in.result_member(out.meta);
        }
    }
    in.require(has_messages, "messages");
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw_result));
    return out;
}

}  // namespace haive::mcp
