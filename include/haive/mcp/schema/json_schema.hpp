#pragma once

#include "haive/mcp/base/result.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// What a check came to. "Not checked" is never "valid".
struct SchemaVerdict {
    enum class Outcome : std::uint8_t { valid, invalid, not_checked };
    SchemaVerdict() = default;
    Outcome outcome = Outcome::valid;
    std::string instance_path;  ///< JSON Pointer to what is wrong
    std::string schema_path;    ///< JSON Pointer to the keyword that says so
    std::string why;            ///< for a person, bounded
    [[nodiscard]] bool valid() const noexcept { return outcome == Outcome::valid; }
};

/// Bounds on what an untrusted schema may cost.
struct SchemaLimits {
    SchemaLimits() = default;
    std::size_t max_depth = 128;                ///< of schema, instance and `$ref` chains
    std::size_t max_subschemas = 20'000;        ///< in one document
    std::size_t max_steps = 2'000'000;          ///< keyword evaluations in one check
    std::size_t max_pattern_bytes = 64 * 1024;  ///< of one regular expression, and its program
};

/// A JSON Schema of draft 2020-12 (the default) or draft-07, ready to check values. Immutable; any thread.
///
/// Bounded: cycles, depth, size and patterns of a hostile schema end in an Error or a `not_checked` verdict,
/// never in a crash or a stall. Patterns are RE2's. Nothing is fetched: a `$ref` to another document is asked
/// of `documents`, and refused when that is not set or does not know it.
class JsonSchema {
public:
    using Documents = std::function<std::optional<boost::json::value>(std::string_view uri)>;

    /// Errors: protocol_violation (not a schema, unresolved reference, unknown dialect, over a limit).
    static Result<JsonSchema> compile(const boost::json::value& schema, SchemaLimits limits = SchemaLimits(),
                                      Documents documents = nullptr);

    [[nodiscard]] SchemaVerdict check(const boost::json::value& instance) const;

private:
    struct Compiled;
    explicit JsonSchema(std::shared_ptr<const Compiled> compiled);
    std::shared_ptr<const Compiled> compiled_;
};

}  // namespace haive::mcp
