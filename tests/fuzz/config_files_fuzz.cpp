// Any text as a configuration: it ends soon and without a crash, and adding a server to one that is good keeps it good
// and keeps the servers that it has.
#include "haive/mcp/config/config.hpp"
#include "haive/mcp/config/fingerprint.hpp"
#include "haive/mcp/config/import.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace haive::mcp;

Result<Config> read(std::string_view text) {
    return parse_config(
        text, "mcp.json", [](std::string_view) { return std::optional<std::string>("value"); },
        [](const std::string& path) { return path; });
}

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto before = read(text);
    (void)read_imported_servers(text, ImportSource("gemini", "/p/.gemini/settings.json"), "/p");
    if (before.has_error()) {
        require(before.error().message().starts_with("mcp.json: line "));
        require(!before.error().details().mend.empty());
        return 0;
    }
    for (const auto& server : before->servers) require(fingerprint(server).size() == 32);
    ImportedServer added;
    added.name = "added/by~fuzz";
    added.entry = R"({"command": "x", "args": ["a"]})";
    const auto merged = merge_servers(text, "mcp.json", {&added, 1});
    if (merged.has_error()) return 0;  // its servers lie where none are added
    const auto after = read(merged->text);
    require(after.has_value() && after->find(added.name) != nullptr);
    for (const auto& server : before->servers) {
        const auto* same = after->find(server.name);
        require(same != nullptr && fingerprint(*same) == fingerprint(server));
    }
    return 0;
}
