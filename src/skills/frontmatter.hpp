#pragma once

#include "haive/mcp/base/result.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace haive::mcp {

/// A SKILL.md in its two parts.
struct SkillText {
    boost::json::object frontmatter;
    std::string body;
};

/// Splits at the `---` lines and reads the YAML between them with the types of YAML 1.2's core schema. Refused:
/// anchors, aliases, tags, keys that are no plain text or come twice, more than 32 levels, more than 64 KiB: a
/// description needs none of these, and an attack does. Errors: protocol_violation with the line.
[[nodiscard]] Result<SkillText> parse_skill_text(std::string_view markdown);

/// Both objects hold the same; else the first field that differs.
[[nodiscard]] std::string frontmatter_difference(const boost::json::object& expected, const boost::json::object& found);

}  // namespace haive::mcp
