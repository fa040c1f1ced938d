#include "config/config_document.hpp"

#include "config/entry_keys.hpp"
#include "config/json_document.hpp"
#include "config/json_places.hpp"
#include "config/parameter_table.hpp"
#include "config/server_entry.hpp"
#include "haive/mcp/config/nearest_word.hpp"

#include <algorithm>
#include <utility>

namespace haive::mcp {

namespace {

namespace json = boost::json;

/// Reads the frame of a document: its servers, its defaults, its inputs.
class DocumentReader {
public:
    DocumentReader(std::string_view text, ExpansionSources sources, WhenMissing missing)
        : text_(text), places_(text), sources_(std::move(sources)) {
        notes_.leave_out = missing == WhenMissing::leave_out;
    }

    Config read(const json::value& document);
    [[nodiscard]] const std::optional<ConfigProblem>& error() const { return notes_.error; }
    /// `line 3, column 5: what is wrong`.
    [[nodiscard]] std::string placed(const ConfigProblem& problem) const;

private:
    void fail(std::string pointer, bool at_key, std::string what, std::string mend) {
        notes_.fail({std::move(pointer), at_key, std::move(what), std::move(mend)});
    }
    /// The pointer of the object with the servers, or nullptr after a complaint.
    const json::object* find_servers(const json::object& root, std::string& pointer);
    void explain_missing_servers(const json::object& root);
    void read_defaults(const json::value& value);
    void read_manager(const json::value& value);
    void read_inputs(const json::value& value);
    [[nodiscard]] std::size_t offset_of(const std::string& pointer, bool at_key) const {
        const auto* place = places_.find(pointer);
        return place == nullptr ? 0 : at_key ? place->key : place->value;
    }
    [[nodiscard]] std::string line_of(const std::string& pointer) const {
        const auto head = text_.substr(0, offset_of(pointer, true));
        return "line " + std::to_string(std::ranges::count(head, '\n') + 1);
    }
    [[nodiscard]] std::map<std::string, std::string> origins(const ServerOptions& options) const;

    std::string_view text_;
    JsonPlaces places_;
    ExpansionSources sources_;
    ServerOptions defaults_;
    ConfigNotes notes_;
    Config config_;
};

std::string DocumentReader::placed(const ConfigProblem& problem) const {
    return position_in(text_, offset_of(problem.pointer, problem.at_key)) + ": " + problem.message;
}

void DocumentReader::read_defaults(const json::value& value) {
    if (!value.is_object()) {
        return fail("/defaults", false, "defaults must be an object", R"(write "defaults": {"reconnect_delay": 1})");
    }
    for (const auto& [key, content] : value.get_object()) {
        const std::string at = pointer_to("/defaults", key);
        if (set_server_option(defaults_, key, content, at, "defaults.", notes_)) continue;
        if (key.starts_with("_") || key.starts_with("//")) continue;
        note_unknown_key(key, at, "defaults: ", known_default_keys(), notes_);
    }
    if (notes_.error) return;
    if (auto problem = check_server_options(defaults_, "/defaults")) {
        problem->message = "defaults." + problem->message;
        notes_.fail(std::move(*problem));
    }
}

void DocumentReader::read_manager(const json::value& value) {
    if (!value.is_object()) {
        return fail("/manager", false, "manager must be an object", R"(write "manager": {"opens_per_second": 200})");
    }
    for (const auto& [key, content] : value.get_object()) {
        const std::string at = pointer_to("/manager", key);
        json::value filled = content;
        if (content.is_string()) {
            auto text = expand_variables(std::string_view(content.get_string()), sources_);
            if (text.has_error()) {
                return fail(at, false,
                            "manager." + std::string(key) + " cannot be filled in: " + text.error().message(),
                            text.error().details().mend);
            }
            filled = json::value(std::move(*text));
        }
        ParameterProblem problem;
        switch (ParameterTable<ManagerOptions>::set(config_.manager, key, filled, problem)) {
            case ParameterOutcome::set: config_.manager_origins["manager." + std::string(key)] = line_of(at); break;
            case ParameterOutcome::wrong:
                return fail(at, false, "manager." + std::string(key) + " " + problem.what, problem.mend);
            case ParameterOutcome::unknown:
                if (key.starts_with("_") || key.starts_with("//")) break;
                note_unknown_key(key, at, "manager: ", ParameterTable<ManagerOptions>::names(), notes_);
        }
    }
}

void DocumentReader::read_inputs(const json::value& value) {
    if (!value.is_array()) {
        return fail("/inputs", false, "inputs must be an array", R"(write "inputs": [{"id": ..., "type": ...}])");
    }
    sources_.inputs = value.get_array();
}

void DocumentReader::explain_missing_servers(const json::object& root) {
    static const std::vector<std::string> names{"mcpServers", "mcp_servers", "mcpservers", "servers",
                                                "context_servers"};
    for (const auto& [key, value] : root) {
        const auto meant = nearest_word(key, names);
        if (!meant) continue;
        const bool ours = std::ranges::find(server_maps, *meant) != server_maps.end();
        return fail(pointer_to("", key), true, "unknown key '" + std::string(key) + "', and there is no \"mcpServers\"",
                    "did you mean '" + (ours ? *meant : std::string("mcpServers")) + "'?");
    }
    fail("", false, "there is no \"mcpServers\" in it",
         R"(write {"mcpServers": {"NAME": {"command": "PROGRAM", "args": [...]}}})");
}

const json::object* DocumentReader::find_servers(const json::object& root, std::string& pointer) {
    const json::value* found = nullptr;
    for (const auto& [key, value] : root) {
        if (std::ranges::find(server_maps, std::string_view(key)) == server_maps.end()) continue;
        if (found != nullptr) {
            fail(pointer_to("", key), true, "\"" + std::string(key) + "\" says a second time what the servers are",
                 "move them to the other");
            return nullptr;
        }
        found = &value;
        pointer = pointer_to("", key);
    }
    // VS Code once kept them in its settings, as "mcp": {"servers": {}}.
    if (const auto* mcp = root.if_contains("mcp"); found == nullptr && mcp != nullptr && mcp->is_object()) {
        found = mcp->get_object().if_contains("servers");
        pointer = "/mcp/servers";
    }
    if (found == nullptr) {
        explain_missing_servers(root);
        return nullptr;
    }
    if (!found->is_object()) {
        fail(pointer, false, "\"" + pointer.substr(pointer.rfind('/') + 1) + "\" must be an object",
             R"(write {"NAME": {"command": "PROGRAM"}})");
        return nullptr;
    }
    return &found->get_object();
}

std::map<std::string, std::string> DocumentReader::origins(const ServerOptions& options) const {
    std::map<std::string, std::string> out;
    for (const auto& [name, pointer] : options.set_at) {
        out[name] = (pointer.starts_with("/defaults/") ? "defaults, " : "") + line_of(pointer);
    }
    return out;
}

Config DocumentReader::read(const json::value& document) {
    if (!document.is_object()) {
        fail("", false, "the document must be an object with \"mcpServers\"",
             R"(write {"mcpServers": {"NAME": {"command": "PROGRAM"}}})");
        return {};
    }
    const json::object& root = document.get_object();
    std::string pointer;
    const json::object* servers = find_servers(root, pointer);
    if (servers == nullptr) return {};
    if (const auto* given = root.if_contains("defaults")) read_defaults(*given);
    if (const auto* given = root.if_contains("manager")) read_manager(*given);
    if (const auto* given = root.if_contains("inputs")) read_inputs(*given);
    for (const auto& [name, entry] : *servers) {
        if (notes_.error) break;
        const std::string at = pointer_to(pointer, name);
        if (name.empty()) {
            fail(at, true, "a server has an empty name", "give it a name to call it by");
        } else if (!entry.is_object()) {
            fail(at, false, "server '" + std::string(name) + "' must be an object",
                 R"(write {"command": "PROGRAM", "args": [...]})");
        } else {
            ServerOptions options = defaults_;
            auto server = parse_server_entry(std::string(name), entry.get_object(), at, options, sources_, notes_);
            server.origins = origins(options);
            if (const auto out = std::exchange(notes_.left_out, std::nullopt)) {
                const auto place = position_in(text_, offset_of(out->pointer, out->at_key));
                server.unusable = out->missing + ", " + place + "); " + out->mend;
            }
            config_.servers.push_back(std::move(server));
        }
    }
    for (const auto& warning : notes_.warnings) config_.warnings.push_back(placed(warning));
    return std::move(config_);
}

}  // namespace

Result<Config> read_config_document(std::string_view text, const std::string& file, ExpansionSources sources,
                                    WhenMissing missing) {
    const auto refused = [&](std::string what, const std::string& mend) {
        Error error(ErrorKind::invalid_config, file + ": " + std::move(what));
        if (!mend.empty()) error.set_mend(mend);
        return error;
    };
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const auto document = parse_json_document(text);
    if (document.has_error()) return refused(document.error().message(), document.error().details().mend);
    DocumentReader reader(text, std::move(sources), missing);
    Config config = reader.read(*document);
    if (reader.error()) return refused(reader.placed(*reader.error()), reader.error()->mend);
    config.file = file;
    return config;
}

}  // namespace haive::mcp
