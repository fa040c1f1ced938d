#include "client/tool_book.hpp"

namespace haive::mcp {

void ToolBook::learn(const std::vector<Tool>& tools) {
    tools_.clear();
    for (const Tool& tool : tools) {
        ToolFacts facts;
        const ToolAnnotations& hints = tool.annotations;
        facts.repeatable = hints.read_only_hint.value_or(false) || hints.idempotent_hint.value_or(false);
        facts.task_support = tool.task_support;
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
