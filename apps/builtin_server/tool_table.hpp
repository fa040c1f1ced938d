#pragma once

#include "tools.hpp"

#include <span>
#include <string_view>

namespace builtin {

/// One row of a table of tools.
struct Tool {
    std::string_view name;
    std::string_view title;
    std::string_view description;
    std::string_view properties;  // JSON: name to type; or, with a `$schema`, the whole input schema
    std::string_view required;    // JSON array
    bool repeatable;              // read-only and idempotent
    void (*run)(const CallPtr&);
    std::string_view output_schema = {};
    TaskSupport tasks = TaskSupport::forbidden;
    bool asks_first = false;  // becomes a task only once it has its answers
};

/// What the official server scenarios call (--conformance).
[[nodiscard]] std::span<const Tool> conformance_tools();

}  // namespace builtin
