#pragma once

#include "haive/mcp/client/client.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace haive::mcp {

/// One file of a skill, as its entry promises it.
struct SkillResource {
    SkillResource() = default;
    std::string uri;
    std::string digest;  ///< `sha256:` and 64 lower-case hexadecimal digits
    std::uint64_t size = 0;
};

/// A skill that a server serves (SEP-2640, *Skills extension*). Untrusted: show where it comes from, and let the
/// user decide before it is loaded.
struct Skill {
    Skill() = default;
    std::string uri;  ///< of its SKILL.md
    std::string name;
    std::string description;
    json::object frontmatter;  ///< with `name` and `description`, and what else there is
    std::vector<SkillResource> resources;
    bool dynamic = false;  ///< the server does not say which files there are, nor what is in them
    RawJson raw;
};

/// A file that was read and is what its entry promised.
struct SkillFile {
    SkillFile() = default;
    std::string uri;
    std::string mime_type;
    std::string bytes;      ///< exactly what the digest covers
    bool verified = false;  ///< size and digest were checked; false for dynamic skills only
    std::string body;       ///< SKILL.md only: what follows the frontmatter
};

/// Lists, gets and reads the skills of a server, and checks every file against the server's own entry: size,
/// digest, and for SKILL.md the frontmatter field by field. Nothing is read that was not asked for.
///
/// Threads: every function from any thread. Errors: those of `MCPClient`; capability_missing when the server
/// does not offer the extension; protocol_violation, executed, for what is malformed or fails a check, with what
/// was expected and what came. Lifetime: keeps the client.
class SkillsClient {
public:
    static constexpr const char* extension_id = "io.modelcontextprotocol/skills";

    explicit SkillsClient(std::shared_ptr<MCPClient> client);

    /// The server offers the extension; false before the first connection.
    [[nodiscard]] bool supported() const;
    /// It also lists directories.
    [[nodiscard]] bool reads_directories() const;

    /// All skills, every page (at most 64). A malformed entry, or two of one URI, fail the whole.
    Async<std::vector<Skill>> list();
    /// One skill by the URI of its SKILL.md, listed or not.
    Async<Skill> get(std::string uri);
    /// One file of a skill: a URI, or a path below the skill's folder; empty for its SKILL.md.
    Async<SkillFile> read(Skill skill, std::string file = std::string());
    /// The direct children of a folder, every page.
    Async<std::vector<Resource>> read_directory(std::string uri);

private:
    std::shared_ptr<MCPClient> client_;
};

}  // namespace haive::mcp
