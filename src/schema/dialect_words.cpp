#include "schema/dialect_words.hpp"

#include <algorithm>
#include <array>

namespace haive::mcp::schema {

namespace {

struct Word {
    std::string_view keyword;
    Holds in_2020;
    Holds in_07;
};

constexpr std::array<Word, 23> words{{
    {"additionalProperties", Holds::schema, Holds::schema},
    {"contains", Holds::schema, Holds::schema},
    {"propertyNames", Holds::schema, Holds::schema},
    {"not", Holds::schema, Holds::schema},
    {"if", Holds::schema, Holds::schema},
    {"then", Holds::schema, Holds::schema},
    {"else", Holds::schema, Holds::schema},
    {"unevaluatedItems", Holds::schema, Holds::nothing},
    {"unevaluatedProperties", Holds::schema, Holds::nothing},
    {"contentSchema", Holds::schema, Holds::nothing},
    {"additionalItems", Holds::nothing, Holds::schema},
    {"items", Holds::schema, Holds::schema_or_list},
    {"allOf", Holds::list, Holds::list},
    {"anyOf", Holds::list, Holds::list},
    {"oneOf", Holds::list, Holds::list},
    {"prefixItems", Holds::list, Holds::nothing},
    {"properties", Holds::members, Holds::members},
    {"patternProperties", Holds::members, Holds::members},
    {"$defs", Holds::members, Holds::members},
    {"definitions", Holds::members, Holds::members},
    {"dependentSchemas", Holds::members, Holds::nothing},
    {"dependencies", Holds::nothing, Holds::members_or_lists},
    {"$comment", Holds::nothing, Holds::nothing},
}};

}  // namespace

Holds held_by(std::string_view keyword, bool draft07) noexcept {
    const auto it = std::ranges::find(words, keyword, &Word::keyword);
    if (it == words.end()) return Holds::nothing;
    return draft07 ? it->in_07 : it->in_2020;
}

}  // namespace haive::mcp::schema
