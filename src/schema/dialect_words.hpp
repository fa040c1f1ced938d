#pragma once

#include <cstdint>
#include <string_view>

namespace haive::mcp::schema {

/// The words of the two drafts that MCP needs, and which vocabularies count.
struct SchemaDialect {
    bool draft07 = false;
    bool applies = true;    ///< the applicator vocabulary
    bool validates = true;  ///< the validation vocabulary
};

/// What a keyword holds that is a schema itself.
enum class Holds : std::uint8_t { nothing, schema, list, members, schema_or_list, members_or_lists };

[[nodiscard]] Holds held_by(std::string_view keyword, bool draft07) noexcept;

inline constexpr std::string_view draft_2020_uri = "https://json-schema.org/draft/2020-12/schema";
inline constexpr std::string_view draft_07_uri = "http://json-schema.org/draft-07/schema";

/// The text of a metaschema that is known by its URI (without a fragment); empty for others.
[[nodiscard]] std::string_view known_metaschema(std::string_view uri) noexcept;

}  // namespace haive::mcp::schema
