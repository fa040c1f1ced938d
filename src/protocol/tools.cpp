#include "haive/mcp/protocol/tools.hpp"

#include "protocol/call_tool_result.hpp"
#include "protocol/content_block_reader.hpp"
#include "protocol/field_reader.hpp"

namespace haive::mcp {

namespace {

void read_annotations(std::string_view raw, ToolAnnotations& out) {
    FieldReader in("ToolAnnotations", raw);
    while (in.next()) {
        if (in.is("title")) {
            in.maybe(out.title);
        } else if (in.is("readOnlyHint")) {
            in.maybe(out.read_only_hint);
        } else if (in.is("destructiveHint")) {
            in.maybe(out.destructive_hint);
        } else if (in.is("idempotentHint")) {
            in.maybe(out.idempotent_hint);
        } else if (in.is("openWorldHint")) {
            in.maybe(out.open_world_hint);
        }
    }
}

TaskSupport read_task_support(std::string_view execution) {
    std::string support;
    FieldReader in("ToolExecution", execution);
    while (in.next()) {
        if (in.is("taskSupport")) in.maybe(support);
    }
    if (support == "required") return TaskSupport::required;
    return support == "optional" ? TaskSupport::optional : TaskSupport::forbidden;
}

}  // namespace

const std::string& Tool::display_name() const noexcept {
    if (!title.empty()) return title;
    return annotations.title.empty() ? name : annotations.title;
}

Result<Tool> parse_tool(std::string_view raw) {
    Tool out;
    bool has_name = false;
    bool has_schema = false;
    FieldReader in("Tool", raw);
    while (in.next()) {
        if (in.is("name")) {
            has_name = in.text(out.name);
        } else if (in.is("title")) {
            in.maybe(out.title);
        } else if (in.is("description")) {
            in.maybe(out.description);
        } else if (in.is("inputSchema")) {
            has_schema = in.object(out.input_schema);
        } else if (in.is("outputSchema")) {
            if (!in.is_null()) in.any(out.output_schema);
        } else if (in.is("annotations")) {
            read_annotations(in.value(), out.annotations);
        } else if (in.is("execution")) {
            out.task_support = read_task_support(in.value());
        } else if (in.is("icons")) {
            in.maybe(out.icons);
        } else if (in.is("_meta")) {
            in.maybe_object(out.meta);
        }
    }
    in.require(has_name, "name");
    in.require(has_schema, "inputSchema");
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw));
    return out;
}

Result<ListToolsResult> parse_list_tools_result(std::string_view raw_result) {
    ListToolsResult out;
    bool has_list = false;
    FieldReader in("ListToolsResult", raw_result);
    while (in.next()) {
        if (in.result_member(out.meta) || in.cache_member(out.cache)) continue;
        if (in.is("tools")) {
            has_list = in.items(out.tools, out.skipped, parse_tool);
        } else if (in.is("nextCursor")) {
            in.cursor(out.next_cursor);
        }
    }
    in.require(has_list, "tools");
    if (in.failed()) return in.error();
    return out;
}

Result<CallToolResult> take_call_tool_result(RawJson result) {
    CallToolResult out;
    bool has_content = false;
    FieldReader in("CallToolResult", result.text());
    while (in.next()) {
        if (in.is("content")) {
            has_content = in.items(out.content, read_content_block);
        } else if (in.is("isError")) {
            const bool flag = json_type(in.value()) == JsonType::boolean || in.is_null();
            if (flag) {
                out.is_error = in.value() == "true";
            } else {
                in.wrong_type("a boolean");
            }
        } else if (in.is("structuredContent")) {
            in.any(out.structured_content.emplace());
        } else {
            in.result_member(out.meta);
        }
    }
    in.require(has_content || out.structured_content.has_value(), "content");
    if (in.failed()) return in.error();
    out.raw = std::move(result);
    return out;
}

Result<CallToolResult> parse_call_tool_result(std::string_view raw_result) {
    return take_call_tool_result(RawJson(std::string(raw_result)));
}

}  // namespace haive::mcp
