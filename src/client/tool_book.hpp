#pragma once

#include "haive/mcp/protocol/tools.hpp"
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
};

/// The tools as the newest list described them. Loop thread only.
class ToolBook {
public:
    /// In place of all that was known.
    void learn(const std::vector<Tool>& tools);
    [[nodiscard]] const ToolFacts* find(std::string_view name) const noexcept;
    /// Another server may answer now, or the list has changed: claims hold no longer. How a call is put into
    /// words is kept until the next list; the server says if it has become wrong.
    void distrust() noexcept;

private:
    std::map<std::string, ToolFacts, std::less<>> tools_;
};

}  // namespace haive::mcp
