#include "skills/skill_entry.hpp"

#include "skills/frontmatter.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>

namespace haive::mcp {

namespace {

constexpr std::size_t most_files = 4096;  // servers should stay below 512

Error bad(std::string why) { return Error(ErrorKind::protocol_violation, std::move(why), Disposition::executed); }

const std::string* text_at(const json::object& object, std::string_view key, std::string& out) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) return nullptr;
    out = value->as_string();
    return &out;
}

bool is_digest(std::string_view text) {
    constexpr std::string_view start = "sha256:";
    if (!text.starts_with(start) || text.size() != start.size() + 64) return false;
    return text.substr(start.size()).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<SkillResource> parse_resource(const json::value& value, const std::string& skill) {
    SkillResource out;
    const json::object* object = value.if_object();
    const json::value* size = object != nullptr ? object->if_contains("size") : nullptr;
    if (object == nullptr || text_at(*object, "uri", out.uri) == nullptr) {
        return bad("skill " + skill + ": a file has no `uri`");
    }
    if (text_at(*object, "digest", out.digest) == nullptr || !is_digest(out.digest)) {
        return bad("skill " + skill + ": `digest` of " + out.uri.substr(0, 200) + " is no sha256");
    }
    if (size == nullptr || !size->is_int64() || size->as_int64() < 0) {
        return bad("skill " + skill + ": `size` of " + out.uri.substr(0, 200) + " is no count of bytes");
    }
    out.size = static_cast<std::uint64_t>(size->as_int64());
    return out;
}

/// The folder of SKILL.md, with its last slash.
std::string_view folder_of(std::string_view uri) { return uri.substr(0, uri.rfind('/') + 1); }

}  // namespace

Result<Skill> parse_skill(const json::value& value) {
    Skill out;
    const json::object* object = value.if_object();
    if (object == nullptr || text_at(*object, "uri", out.uri) == nullptr) return bad("a skill has no `uri`");
    const std::string called = out.uri.substr(0, 200);
    const json::value* frontmatter = object->if_contains("frontmatter");
    if (frontmatter == nullptr || !frontmatter->is_object()) return bad("skill " + called + " has no `frontmatter`");
    out.frontmatter = frontmatter->as_object();
    if (text_at(out.frontmatter, "name", out.name) == nullptr ||
        text_at(out.frontmatter, "description", out.description) == nullptr) {
        return bad("skill " + called + ": the frontmatter lacks `name` or `description`");
    }
    const json::value* resources = object->if_contains("resources");
    out.dynamic = resources != nullptr && resources->is_string() && resources->as_string() == "dynamic";
    if (!out.dynamic) {
        if (resources == nullptr || !resources->is_array()) return bad("skill " + called + " has no `resources`");
        if (resources->as_array().size() > most_files) return bad("skill " + called + " has too many files");
        for (const json::value& item : resources->as_array()) {
            auto resource = parse_resource(item, called);
            if (resource.has_error()) return resource.error();
            out.resources.push_back(std::move(*resource));
        }
    }
    out.raw = RawJson(json::serialize(value));
    return out;
}

Result<SkillPage> parse_skill_page(const RawJson& result) {
    const auto value = result.value();
    const json::object* object = value ? value->if_object() : nullptr;
    const json::value* list = object != nullptr ? object->if_contains("skills") : nullptr;
    if (list == nullptr || !list->is_array()) return bad("the answer to skills/list has no `skills`");
    SkillPage out;
    for (const json::value& item : list->as_array()) {
        auto skill = parse_skill(item);
        if (skill.has_error()) return skill.error();
        out.skills.push_back(std::move(*skill));
    }
    text_at(*object, "nextCursor", out.next_cursor);
    return out;
}

Result<Skill> parse_got_skill(const RawJson& result) {
    const auto value = result.value();
    const json::object* object = value ? value->if_object() : nullptr;
    const json::value* skill = object != nullptr ? object->if_contains("skill") : nullptr;
    if (skill == nullptr) return bad("the answer to skills/get has no `skill`");
    return parse_skill(*skill);
}

Result<SkillResource> find_file(const Skill& skill, std::string_view file) {
    const std::size_t fragment = file.find('#');
    const std::string_view plain = file.substr(0, fragment);
    std::string wanted(plain.empty() ? std::string_view(skill.uri) : plain);
    if (wanted.find(':') == std::string::npos) wanted.insert(0, folder_of(skill.uri));
    const auto it = std::ranges::find(skill.resources, wanted, &SkillResource::uri);
    if (it != skill.resources.end()) return *it;
    if (!skill.dynamic) return bad("skill " + skill.uri.substr(0, 200) + " has no file " + wanted.substr(0, 200));
    if (!wanted.starts_with(folder_of(skill.uri)) || wanted.find("/../") != std::string::npos) {
        return bad(wanted.substr(0, 200) + " is not below the folder of skill " + skill.uri.substr(0, 200));
    }
    SkillResource out;
    out.uri = std::move(wanted);
    return out;
}

Result<SkillFile> check_file(const Skill& skill, const SkillResource& entry, std::string bytes,
                             std::string_view digest) {
    const std::string called = entry.uri.substr(0, 200);
    const bool listed = !entry.digest.empty();
    if (listed && bytes.size() != entry.size) {
        return bad(called + " has " + std::to_string(bytes.size()) + " bytes, its entry promises " +
                   std::to_string(entry.size) + ": it was not used");
    }
    if (listed && digest != entry.digest) {
        return bad(called + " is " + std::string(digest) + ", its entry promises " + entry.digest +
                   ": it was not used");
    }
    SkillFile out;
    out.uri = entry.uri;
    out.verified = listed;
    if (entry.uri == skill.uri) {
        auto text = parse_skill_text(bytes);
        if (text.has_error()) return text.error();
        if (const auto difference = frontmatter_difference(skill.frontmatter, text->frontmatter); !difference.empty()) {
            return bad(called + ": " + difference + ": the skill was not loaded");
        }
        out.body = std::move(text->body);
    }
    out.bytes = std::move(bytes);
    return out;
}

}  // namespace haive::mcp
