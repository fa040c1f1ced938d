#include "client/tool_book.hpp"

#include <boost/json/value.hpp>

namespace haive::mcp {

namespace {

Error not_promised(std::string_view tool, std::string why) {
    return Error(ErrorKind::protocol_violation, "the output of " + std::string(tool) + ' ' + std::move(why),
                 Disposition::executed);
}

Result<JsonSchema> compile(const RawJson& schema) {
    auto value = schema.value();
    if (value.has_error()) return value.error();
    return JsonSchema::compile(*value);
}

}  // namespace

std::optional<Error> ToolBook::check_output(std::string_view name, const CallToolResult& result) {
    const auto it = tools_.find(name);
    if (it == tools_.end() || it->second.output_schema.empty() || result.is_error) return std::nullopt;
    ToolFacts& facts = it->second;
    if (!result.structured_content) return not_promised(name, "has no `structuredContent`, which its schema promises");
    if (!facts.output_check) facts.output_check = compile(facts.output_schema);
    if (facts.output_check->has_error()) {
        return not_promised(name, "cannot be checked: " + facts.output_check->error().message());
    }
    auto value = result.structured_content->value();
    if (value.has_error()) return value.error();
    const SchemaVerdict verdict = (**facts.output_check).check(*value);
    if (verdict.valid()) return std::nullopt;
    if (verdict.outcome == SchemaVerdict::Outcome::not_checked) {
        return not_promised(name, "could not be checked: " + verdict.why);
    }
    const std::string where = verdict.instance_path.empty() ? "" : ", at `" + verdict.instance_path + '`';
    return not_promised(name, "is not what its schema promises" + where + ": " + verdict.why +
                                  " (schema: " + verdict.schema_path + ")");
}

void ToolBook::learn(const std::vector<Tool>& tools) {
    ++revision_;
    tools_.clear();
    for (const Tool& tool : tools) {
        ToolFacts facts;
        const ToolAnnotations& hints = tool.annotations;
        facts.repeatable = hints.read_only_hint.value_or(false) || hints.idempotent_hint.value_or(false);
        facts.task_support = tool.task_support;
        facts.output_schema = tool.output_schema;
        auto plan = parameter_header_plan(tool.input_schema.text());
        if (plan) {
            facts.headers = std::move(*plan);
        } else {
            facts.rejected = plan.error().message();
        }
        tools_.insert_or_assign(tool.name, std::move(facts));
    }
}

const ToolFacts* ToolBook::find(std::string_view name) const noexcept {
    const auto it = tools_.find(name);
    return it == tools_.end() ? nullptr : &it->second;
}

void ToolBook::distrust() noexcept {
    for (auto& [name, facts] : tools_) facts.repeatable = false;
}

}  // namespace haive::mcp
