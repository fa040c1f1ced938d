#include "config/entry_keys.hpp"

#include "config/parameter_table.hpp"

#include <algorithm>
#include <array>

namespace haive::mcp {

namespace {

constexpr std::string_view text = R"({"type": "string"})";
constexpr std::string_view texts = R"({"type": "array", "items": {"type": "string"}})";
constexpr std::string_view flag = R"({"type": "boolean"})";
constexpr std::string_view variables =
    R"({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}})";
constexpr std::string_view anything = "true";

constexpr std::array own{
    EntryKey{"command",
             R"({"anyOf": [{"type": "string", "minLength": 1}, {"type": "object", "required": ["path"],
                 "properties": {"path": {"type": "string"}, "args": {"type": "array", "items": {"type": "string"}},
                                "env": {"type": ["object", "null"]}}}]})",
             "The program that is the server, spoken to over its stdin and stdout."},
    EntryKey{"args", texts, "Its arguments, as they are: no shell is involved."},
    EntryKey{"cwd", text, "Its working directory."},
    EntryKey{"env", variables, "Variables for it, over the harmless part of the environment that it inherits."},
    EntryKey{"envFile", text, "A file of NAME=VALUE lines with more of them; \"env\" has the last word."},
    EntryKey{"inherit_env", R"({"anyOf": [{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}]})",
             "Names of further variables that it inherits; true: all."},
    EntryKey{"url", text, "Where the server is: http, https, ws, wss, unix or tcp."},
    EntryKey{"serverUrl", text, "The same as \"url\"."},
    EntryKey{"httpUrl", text, "The same as \"url\"."},
    EntryKey{"type", text, "stdio, http, sse or ws; found out from \"command\" or \"url\" when it is left out."},
    EntryKey{"transport", text, "The same as \"type\"."},
    EntryKey{"headers", variables, "Sent with every HTTP request."},
    EntryKey{"ca_file", text, "PEM file of trusted authorities, in place of the system's."},
    EntryKey{"client_certificate", text, "PEM file."},
    EntryKey{"client_key", text, "PEM file, when the key is not in the certificate's."},
    EntryKey{"proxy", text, "http://host:port; empty: none; left out: what the environment says."},
    EntryKey{"no_proxy", text, "Hosts that are reached directly, when \"proxy\" is set."},
    EntryKey{"disabled", flag, "Known, but only connected when it is named."},
    EntryKey{"enabled", flag, "The opposite of \"disabled\"."},
    EntryKey{"includeTools", texts, "The same as \"tools\": {\"allow\": [...]}."},
    EntryKey{"enabledTools", texts, "The same as \"tools\": {\"allow\": [...]}."},
    EntryKey{"excludeTools", texts, "The same as \"tools\": {\"deny\": [...]}."},
    EntryKey{"disabledTools", texts, "The same as \"tools\": {\"deny\": [...]}."},
};

constexpr std::array foreign{
    EntryKey{"$schema", anything, "For editors."},
    EntryKey{"name", anything, "A note."},
    EntryKey{"title", anything, "A note."},
    EntryKey{"description", anything, "A note."},
    EntryKey{"note", anything, "A note."},
    EntryKey{"comment", anything, "A note."},
    EntryKey{"icon", anything, "A note."},
    EntryKey{"version", anything, "A note."},
    EntryKey{"gallery", anything, "VS Code: where it was installed from."},
    EntryKey{"dev", anything, "VS Code: development mode."},
    EntryKey{"sandboxEnabled", anything, "VS Code: sandboxing."},
    EntryKey{"sandbox", anything, "VS Code: sandboxing."},
    EntryKey{"oauth", anything, "Claude Code, VS Code, Gemini CLI: login."},
    EntryKey{"auth", anything, "Cursor: login."},
    EntryKey{"authProviderType", anything, "Gemini CLI: login."},
    EntryKey{"bearer_token_env_var", anything, "Codex: login."},
    EntryKey{"headersHelper", anything, "Claude Code: a program that prints headers."},
    EntryKey{"alwaysLoad", anything, "Claude Code: tools that are not deferred."},
    EntryKey{"autoApprove", anything, "Cline, Kiro: tools that run unasked."},
    EntryKey{"alwaysAllow", anything, "Roo Code: tools that run unasked."},
    EntryKey{"trust", anything, "Gemini CLI: tools run unasked."},
    EntryKey{"timeout", anything, "Of other programs, in their units; here it is \"request_timeout\", in seconds."},
    EntryKey{"extensionName", anything, "Gemini CLI: the extension it came with."},
    EntryKey{"source", anything, "Zed: where the entry came from."},
    EntryKey{"settings", anything, "Zed: settings of an extension."},
    EntryKey{"remote", anything, "Zed: whether it runs on a remote host."},
};

void add(std::vector<std::string>& out, std::vector<std::string> more) {
    std::ranges::move(more, std::back_inserter(out));
}

}  // namespace

std::span<const EntryKey> entry_keys() noexcept { return own; }

std::span<const EntryKey> foreign_keys() noexcept { return foreign; }

bool is_foreign_key(std::string_view key) noexcept {
    return key.starts_with("_") || key.starts_with("//") ||
           std::ranges::any_of(foreign, [&](const EntryKey& one) { return one.name == key; });
}

std::vector<std::string> known_default_keys() {
    std::vector<std::string> out = ParameterTable<ConnectionOptions>::names();
    add(out, ParameterTable<UpstreamOptions>::names());
    add(out, ParameterTable<StdioOptions>::names());
    add(out, ParameterTable<HttpOptions>::names());
    out.emplace_back("pool");
    return out;
}

std::vector<std::string> known_entry_keys() {
    std::vector<std::string> out = known_default_keys();
    for (const auto& key : own) out.emplace_back(key.name);
    return out;
}

}  // namespace haive::mcp
