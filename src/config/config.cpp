#include "haive/mcp/config/config.hpp"

#include "config/config_document.hpp"
#include "config/config_text.hpp"
#include "haive/mcp/config/fingerprint.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace haive::mcp {

namespace {

constexpr std::size_t largest_file = std::size_t{16} << 20;

Error wrong(const std::string& what) { return Error(ErrorKind::invalid_config, what); }

std::optional<std::string> from_environment(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

UpstreamConfig ServerConfig::to_upstream() const {
    UpstreamConfig out;
    out.name = name;
    out.transport = transport;
    out.connection = options;
    out.upstream = upstream;
    out.pool = pool;
    out.fingerprint = fingerprint(*this);
    return out;
}

const ServerConfig* Config::find(std::string_view name) const noexcept {
    for (const auto& server : servers) {
        if (server.name == name) return &server;
    }
    return nullptr;
}

std::vector<UpstreamConfig> Config::upstreams() const {
    std::vector<UpstreamConfig> out;
    for (const auto& server : servers) {
        if (!server.disabled && server.transport) out.push_back(server.to_upstream());
    }
    return out;
}

Result<Config> parse_config(std::string_view text, std::string file, const VariableLookup& variable,
                            const FileLookup& read_file) {
    ExpansionSources sources;
    sources.variable = variable;
    sources.read_file = read_file;
    sources.file = file;
    return read_config_document(text, file, std::move(sources));
}

Result<std::string> read_config_text(const std::string& file) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        return wrong("'" + file + "' is a directory, not a configuration");
    }
    if (std::filesystem::file_size(file, ignored) > largest_file && !ignored) {
        return wrong("'" + file + "' is larger than 16 MiB");
    }
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    if (!stream || !(text << stream.rdbuf())) {
        if (stream.is_open() && stream.peek() == std::ifstream::traits_type::eof()) {
            return wrong(file + ": line 1, column 1: the file is empty");
        }
        return wrong("cannot read '" + file + "': " + std::strerror(errno));
    }
    return std::move(text).str();
}

Result<Config> parse_config_text(std::string_view text, const std::string& file) {
    ExpansionSources sources;
    sources.variable = from_environment;
    std::error_code ignored;
    sources.file = std::filesystem::absolute(file, ignored).string();
    sources.read_file = [folder = std::filesystem::path(project_folder(sources.file))](
                            const std::string& path) -> std::optional<std::string> {
        auto content = read_config_text((folder / path).string());
        return content ? std::optional(std::move(*content)) : std::nullopt;
    };
    return read_config_document(text, file, std::move(sources), WhenMissing::leave_out);
}

Result<Config> load_config(const std::string& file) {
    auto text = read_config_text(file);
    if (text.has_error()) return text.error();
    return parse_config_text(*text, file);
}

std::optional<std::string> find_config_file() {
    std::vector<std::string> places{"mcp.json"};
    if (const auto folder = from_environment("XDG_CONFIG_HOME"); folder && !folder->empty()) {
        places.push_back(*folder + "/haive-mcp/mcp.json");
    } else if (const auto home = from_environment("HOME"); home && !home->empty()) {
        places.push_back(*home + "/.config/haive-mcp/mcp.json");
    }
    for (const auto& place : places) {
        if (access(place.c_str(), F_OK) == 0) return place;
    }
    return std::nullopt;
}

}  // namespace haive::mcp
