#include "config/config_document.hpp"
#include "config/json_document.hpp"
#include "config/json_insertion.hpp"
#include "config/plain_json.hpp"
#include "haive/mcp/config/import.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace haive::mcp {

namespace {

namespace json = boost::json;

std::string_view without_mark(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    return text;
}

bool is_name_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Puts one program's ways of writing variables into ours.
class Translation {
public:
    Translation(const ImportSource& source)
        : folder_(project_folder(source.file)), bare_dollar_(source.client == "gemini") {}

    void translate(json::value& value) {
        if (value.is_string()) {
            value = text(std::string_view(value.get_string()));
        } else if (value.is_array()) {
            for (auto& element : value.get_array()) translate(element);
        } else if (value.is_object()) {
            for (auto& [key, content] : value.get_object()) translate(content);
        }
    }
    std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }

private:
    std::string text(std::string_view from) {
        std::string out;
        while (!from.empty()) {
            const std::size_t end = from.starts_with("${") ? from.find('}') : std::string_view::npos;
            if (end != std::string_view::npos) {
                out += variable(from.substr(0, end + 1));
                from.remove_prefix(end + 1);
            } else if (bare_dollar_ && from.front() == '$' && from.size() > 1 && is_name_letter(from[1])) {
                const auto stop = std::find_if_not(from.begin() + 1, from.end(), is_name_letter);
                const auto length = static_cast<std::size_t>(stop - from.begin());
                out += "${" + std::string(from.substr(1, length - 1)) + "}";
                from.remove_prefix(length);
            } else {
                out += from.front();
                from.remove_prefix(1);
            }
        }
        return out;
    }
    /// `${...}` with its braces.
    std::string variable(std::string_view whole) {
        const std::string_view name = whole.substr(2, whole.size() - 3);
        if (name == "workspaceFolder") return folder_;
        if (name == "workspaceFolderBasename") return folder_.substr(folder_.rfind('/') + 1);
        if (!name.starts_with("input:")) return std::string(whole);
        std::string plain;
        for (const char c : name.substr(6)) {
            plain += is_name_letter(c) ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : '_';
        }
        notes_.push_back("its editor asks for " + std::string(name.substr(6, 100)) + "; here, export " + plain);
        return "${" + plain + "}";
    }

    std::string folder_;
    bool bare_dollar_;
    std::vector<std::string> notes_;
};

/// The objects of a document that hold servers.
std::vector<const json::object*> server_objects(const json::object& root, const std::string& project) {
    std::vector<const json::object*> out;
    const auto add = [&](const json::value* value) {
        if (value != nullptr && value->is_object()) out.push_back(&value->get_object());
    };
    for (const auto name : server_maps) add(root.if_contains(json::string_view(name.data(), name.size())));
    if (const auto* mcp = root.if_contains("mcp"); mcp != nullptr && mcp->is_object()) {
        add(mcp->get_object().if_contains("servers"));
    }
    if (const auto* projects = root.if_contains("projects"); projects != nullptr && projects->is_object()) {
        const auto* ours = projects->get_object().if_contains(project);
        if (ours != nullptr && ours->is_object()) add(ours->get_object().if_contains("mcpServers"));
    }
    return out;
}

/// False for what only its own program can start: an extension.
bool says_how_to_reach(const json::object& entry) {
    return std::ranges::any_of(std::array{"command", "url", "serverUrl", "httpUrl"},
                               [&](const char* key) { return entry.contains(key); });
}

/// Where servers go: a map that is there, or one that is made.
std::string server_map_of(std::string& text, const json::object& root) {
    for (const auto name : server_maps) {
        if (root.contains(json::string_view(name.data(), name.size()))) return "/" + std::string(name);
    }
    text = insert_json_member(text, "", "mcpServers", json::object());
    return "/mcpServers";
}

Error wrong(const std::string& what) { return Error(ErrorKind::invalid_config, what); }

/// Reads a text only for its mistakes: every variable counts as set.
Result<Config> check(std::string_view text, const std::string& file) {
    ExpansionSources sources;
    sources.variable = [](std::string_view) { return std::optional<std::string>("x"); };
    sources.read_file = [](const std::string&) { return std::optional<std::string>(""); };
    sources.file = file;
    return read_config_document(text, file, std::move(sources));
}

}  // namespace

Result<std::vector<ImportedServer>> read_imported_servers(std::string_view text, const ImportSource& source,
                                                          const std::string& project) {
    auto document = parse_json_document(text);
    if (document.has_error()) {
        Error error = document.error();
        error.edit().message = source.file + ": " + error.message();
        return error;
    }
    std::vector<ImportedServer> out;
    if (!document->is_object()) return out;
    Translation translation(source);
    for (const auto* servers : server_objects(document->get_object(), project)) {
        for (const auto& [name, entry] : *servers) {
            if (!entry.is_object() || name.empty() || !says_how_to_reach(entry.get_object())) continue;
            json::value translated = entry;
            translation.translate(translated);
            ImportedServer server;
            server.name = std::string(name);
            server.entry = plain_json(translated);
            server.notes = translation.take_notes();
            out.push_back(std::move(server));
        }
    }
    return out;
}

Result<MergedConfig> merge_servers(std::string_view text, const std::string& file,
                                   std::span<const ImportedServer> servers) {
    MergedConfig out;
    out.text = without_mark(text);
    if (out.text.find_first_not_of(" \t\r\n") == std::string::npos) out.text = "{\n}\n";
    const auto before = parse_json_document(out.text);
    if (before.has_error()) return wrong(file + ": " + before.error().message());
    if (!before->is_object()) return wrong(file + ": line 1, column 1: the document must be an object");
    const json::object& root = before->get_object();
    const std::string map = server_map_of(out.text, root);
    const auto* there = root.if_contains(map.substr(1));
    if (there != nullptr && !there->is_object()) return wrong(file + ": \"" + map.substr(1) + "\" must be an object");
    for (const auto& server : servers) {
        const bool known = (there != nullptr && there->get_object().contains(server.name)) ||
                           std::ranges::find(out.added, server.name) != out.added.end();
        if (known) {
            out.kept.push_back(server.name);
            continue;
        }
        boost::system::error_code error;
        const auto entry = json::parse(server.entry, error);
        if (error || !entry.is_object()) return wrong("server '" + server.name + "' is no JSON object");
        out.text = insert_json_member(out.text, map, server.name, entry);
        out.added.push_back(server.name);
    }
    const auto after = check(out.text, file);
    if (after.has_error()) {
        Error error = after.error();
        error.edit().message = "with the servers added it would be broken: " + error.message();
        return error;
    }
    return out;
}

}  // namespace haive::mcp
