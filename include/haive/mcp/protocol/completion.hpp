#pragma once

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp {

/// Asks what an argument's value may be (*Completion*).
struct CompleteRequest {
    enum class Of : std::uint8_t { prompt, resource_template };

    CompleteRequest() = default;
    /// The value of `argument` of the prompt `name`, of which `value` is typed already.
    static CompleteRequest for_prompt(std::string name, std::string argument, std::string value);
    /// The same for a variable of a resource's URI template.
    static CompleteRequest for_resource(std::string uri_template, std::string argument, std::string value);

    Of of = Of::prompt;
    std::string reference;  ///< the prompt's name or the URI template
    std::string argument_name;
    std::string argument_value;
    /// What the other arguments are already (from 2025-06-18).
    std::vector<std::pair<std::string, std::string>> context_arguments;
};

struct CompleteResult {
    CompleteResult() = default;
    std::vector<std::string> values;  ///< at most 100 by the specification
    std::optional<std::int64_t> total;
    bool has_more = false;
    RawJson meta;
    RawJson raw;
};

/// Strict on `completion.values`. Errors: protocol_violation naming the field.
[[nodiscard]] Result<CompleteResult> parse_complete_result(std::string_view raw_result);
/// The params of `completion/complete`.
[[nodiscard]] RawJson to_json(const CompleteRequest& request);

}  // namespace haive::mcp
