#include "config/variable_expansion.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace haive::mcp {

namespace {

Error wrong(std::string what, std::string mend) {
    Error error(ErrorKind::invalid_config, std::move(what));
    error.set_mend(std::move(mend));
    return error;
}

/// `github-token` as a variable would be called.
std::string variable_name(std::string_view id) {
    std::string out;
    for (const char c : id) {
        const auto u = static_cast<unsigned char>(c);
        out += std::isalnum(u) != 0 ? static_cast<char>(std::toupper(u)) : '_';
    }
    return out;
}

/// Words of the file's own that are repeated in a message.
std::string shortened(std::string_view text) { return std::string(text.substr(0, 100)); }

/// What an input's definition says it is, in brackets, or nothing.
std::string description_of(std::string_view id, const boost::json::array& inputs) {
    for (const auto& input : inputs) {
        if (!input.is_object()) continue;
        const auto* its_id = input.get_object().if_contains("id");
        const auto* about = input.get_object().if_contains("description");
        if (its_id == nullptr || !its_id->is_string() || std::string_view(its_id->get_string()) != id) continue;
        if (about != nullptr && about->is_string()) return " (" + shortened(about->get_string()) + ")";
    }
    return {};
}

std::string folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return ".";
    return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::string last_part(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

/// The value of what stands between the braces, before a default; nullopt when there is none.
Result<std::optional<std::string>> value_of(std::string_view name, const ExpansionSources& sources) {
    if (name.starts_with("input:")) {
        const std::string_view id = name.substr(6);
        return wrong("it wants the input '" + shortened(id) + "'" + description_of(id, sources.inputs) +
                         ", which only an editor asks for",
                     "put the value into an environment variable and write ${env:" + variable_name(id) +
                         "} in place of ${input:" + shortened(id) + "}");
    }
    if (name.starts_with("command:")) {
        return wrong("it wants the editor's command '" + shortened(name.substr(8)) + "'",
                     "write the value itself, or ${env:NAME}");
    }
    if (name.starts_with("file:")) {
        const std::string path(name.substr(5));
        auto text = sources.read_file ? sources.read_file(path) : std::nullopt;
        if (!text) return wrong("the file '" + shortened(path) + "' cannot be read", "check its path and its rights");
        while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
        return text;
    }
    if (name == "/" || name == "pathSeparator") return std::optional<std::string>("/");
    if (name == "userHome") return sources.variable("HOME");
    if (name == "workspaceFolder") return std::optional(project_folder(sources.file));
    if (name == "workspaceFolderBasename") return std::optional(last_part(project_folder(sources.file)));
    return sources.variable(name);
}

}  // namespace

std::string project_folder(const std::string& file) {
    const std::string folder = folder_of(file);
    const std::string name = last_part(folder);
    return name.size() > 1 && name.front() == '.' && name != ".." ? folder_of(folder) : folder;
}

Result<std::string> expand_variables(std::string_view text, const ExpansionSources& sources) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with("$${")) {
            out += "${";
            at += 3;
            continue;
        }
        const std::size_t end = text.substr(at).starts_with("${") ? text.find('}', at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            out += text[at++];
            continue;
        }
        std::string_view name = text.substr(at + 2, end - at - 2);
        if (name.starts_with("env:")) name.remove_prefix(4);
        std::optional<std::string> fallback;
        if (const std::size_t dash = name.find(":-"); dash != std::string_view::npos) {
            fallback = std::string(name.substr(dash + 2));
            name = name.substr(0, dash);
        }
        auto found = value_of(name, sources);
        if (found.has_error()) return found.error();
        std::optional<std::string> value = std::move(*found);
        if (!value || (value->empty() && fallback)) value = fallback;
        if (!value) {
            return wrong("the environment variable " + shortened(name) + " is not set",
                         "export it, or write ${" + shortened(name) + ":-default}");
        }
        out += *value;
        at = end + 1;
    }
    return out;
}

Result<std::string> expand_variables(std::string_view text, const VariableLookup& variable) {
    ExpansionSources sources;
    sources.variable = variable;
    return expand_variables(text, sources);
}

}  // namespace haive::mcp
