#pragma once

#include "haive/mcp/protocol/tools.hpp"
#include "haive/mcp/schema/json_schema.hpp"
#include "protocol/parameter_headers.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// What calls need to know of a tool that only its list entry says.
struct ToolFacts {
    bool repeatable = false;               ///< its annotations claim that a second run does no harm
    std::vector<ParameterHeader> headers;  ///< arguments that travel as headers, too
    std::string rejected;                  ///< why the modern era over HTTP must not use it; empty when it may
    TaskSupport task_support = TaskSupport::forbidden;
    RawJson output_schema;  ///< empty when the tool has none
    /// The compiled one, or why it cannot be; made by the first check.
    std::optional<Result<JsonSchema>> output_check;
};

/// The tools as the newest list described them. Loop thread only.
class ToolBook {
public:
    /// In place of all that was known.
    void learn(const std::vector<Tool>& tools);
    /// Grows with each list learnt.
    [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }
    [[nodiscard]] const ToolFacts* find(std::string_view name) const noexcept;
    /// Whether a tool's structured output is what its list entry promises (*Tools › Output schema*). nullopt: it
    /// is, or nothing was promised. Errors: protocol_violation, executed, with the place and the reason.
    [[nodiscard]] std::optional<Error> check_output(std::string_view name, const CallToolResult& result);
    /// Another server may answer now, or the list has changed: claims hold no longer. How a call is put into
    /// words is kept until the next list; the server says if it has become wrong.
    void distrust() noexcept;

private:
    std::map<std::string, ToolFacts, std::less<>> tools_;
    std::uint64_t revision_ = 0;
};

}  // namespace haive::mcp
