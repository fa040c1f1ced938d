#include "haive/mcp/config/import.hpp"

namespace haive::mcp {

std::vector<ImportSource> import_sources(const std::string& project, const std::string& home,
                                         const std::string& config_home) {
    const std::string mac = home + "/Library/Application Support";
    return {
        {"claude-code", project + "/.mcp.json"},
        {"cursor", project + "/.cursor/mcp.json"},
        {"vscode", project + "/.vscode/mcp.json"},
        {"zed", project + "/.zed/settings.json"},
        {"gemini", project + "/.gemini/settings.json"},
        {"claude-desktop", config_home + "/Claude/claude_desktop_config.json"},
        {"claude-desktop", mac + "/Claude/claude_desktop_config.json"},
        {"claude-code", home + "/.claude.json"},
        {"cursor", home + "/.cursor/mcp.json"},
        {"vscode", config_home + "/Code/User/mcp.json"},
        {"vscode", mac + "/Code/User/mcp.json"},
        {"windsurf", home + "/.codeium/windsurf/mcp_config.json"},
        {"zed", config_home + "/zed/settings.json"},
        {"gemini", home + "/.gemini/settings.json"},
    };
}

}  // namespace haive::mcp
