#pragma once

#include "haive/mcp/skills/skills.hpp"

#include <string_view>

namespace haive::mcp {

struct SkillPage {
    std::vector<Skill> skills;
    std::string next_cursor;  ///< empty: the last page
};

// All of them: protocol_violation naming the field. Pure.

[[nodiscard]] Result<Skill> parse_skill(const json::value& value);
[[nodiscard]] Result<SkillPage> parse_skill_page(const RawJson& result);
/// `skill` of the answer to skills/get.
[[nodiscard]] Result<Skill> parse_got_skill(const RawJson& result);

/// The entry of a file: by its URI, or by its path below the folder of SKILL.md. An Error when the skill does not
/// list it; for dynamic skills what would be asked for.
[[nodiscard]] Result<SkillResource> find_file(const Skill& skill, std::string_view file);

/// Size, digest (`sha256:...` of the bytes) and, for SKILL.md, frontmatter.
[[nodiscard]] Result<SkillFile> check_file(const Skill& skill, const SkillResource& entry, std::string bytes,
                                           std::string_view digest);

}  // namespace haive::mcp
