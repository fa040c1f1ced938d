#include "cli/config_command.hpp"
#include "cli/nearest.hpp"
#include "haive/mcp/config/config.hpp"
#include "haive/mcp/config/import.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace haive::mcp::cli {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

/// A file of another program with the servers in it.
struct Found {
    ImportSource source;
    std::vector<ImportedServer> servers;
};

Error wrong(const std::string& what, std::string mend = {}) {
    Error error(ErrorKind::invalid_config, what);
    if (!mend.empty()) error.set_mend(std::move(mend));
    return error;
}

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

Result<std::string> text_of(const std::string& file) {
    constexpr std::uintmax_t largest = std::uintmax_t{16} << 20;
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (error) return wrong("cannot read '" + file + "': " + error.message());
    if (size > largest) return wrong("'" + file + "' is larger than 16 MiB");
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    if (!stream || (size > 0 && !(text << stream.rdbuf()))) {
        return wrong("cannot read '" + file + "': " + std::strerror(errno));
    }
    return std::move(text).str();
}

/// The files that `--from` means, or all that exist.
Result<std::vector<ImportSource>> sources_of(const std::string& from, const std::string& project) {
    if (from.find('/') != std::string::npos || from.ends_with(".json")) {
        return std::vector<ImportSource>{ImportSource("file", from)};
    }
    const std::string home = variable("HOME"), xdg = variable("XDG_CONFIG_HOME");
    auto all = import_sources(project, home, xdg.empty() ? home + "/.config" : xdg);
    std::vector<std::string> clients;
    for (const auto& one : all) {
        if (std::ranges::find(clients, one.client) == clients.end()) clients.push_back(one.client);
    }
    if (!from.empty() && std::ranges::find(clients, from) == clients.end()) {
        std::string known;
        for (const auto& client : clients) known += (known.empty() ? "" : ", ") + client;
        const std::string meant = did_you_mean(from, clients);
        return wrong("--from: '" + from + "' is not known (" + known + ", or a file)", meant);
    }
    std::vector<ImportSource> out;
    for (auto& one : all) {
        const bool twice = std::ranges::any_of(out, [&](const ImportSource& other) { return other.file == one.file; });
        const bool meant = from.empty() || one.client == from;
        if (meant && !twice && access(one.file.c_str(), F_OK) == 0) out.push_back(std::move(one));
    }
    return out;
}

/// Reads them; a file that another program left broken is told and left out, unless it was asked for by name.
Result<std::vector<Found>> find_servers(const Context& context, const std::string& project) {
    auto sources = sources_of(context.run.from, project);
    if (sources.has_error()) return sources.error();
    std::vector<Found> out;
    for (auto& source : *sources) {
        auto text = text_of(source.file);
        auto servers =
            text ? read_imported_servers(*text, source, project) : Result<std::vector<ImportedServer>>(text.error());
        if (servers) {
            out.push_back({std::move(source), std::move(*servers)});
        } else if (!context.run.from.empty()) {
            return servers.error();
        } else {
            std::fprintf(stderr, "left out: %s\n", servers.error().message().c_str());
        }
    }
    return out;
}

int list(const Context& context, const std::vector<Found>& found) {
    json::array all;
    for (const auto& one : found) {
        json::array names;
        std::string words;
        for (const auto& server : one.servers) {
            names.emplace_back(server.name);
            words += (words.empty() ? "" : ", ") + server.name;
        }
        if (context.run.json) {
            all.push_back(
                json::object{{"client", one.source.client}, {"file", one.source.file}, {"servers", std::move(names)}});
        } else {
            std::printf("%-14s  %s\n%16s%s\n", one.source.client.c_str(), one.source.file.c_str(), "",
                        words.empty() ? "no servers" : words.c_str());
        }
    }
    if (context.run.json) std::puts(json::serialize(json::object{{"sources", std::move(all)}}).c_str());
    if (found.empty() && !context.run.quiet) std::fputs("no configuration of another program was found\n", stderr);
    return exit_ok;
}

/// Those that were asked for by name, or all.
Result<std::vector<ImportedServer>> chosen(const std::vector<Found>& found, const std::vector<std::string>& names) {
    std::vector<ImportedServer> out;
    std::vector<std::string> known;
    for (const auto& one : found) {
        for (const auto& server : one.servers) {
            known.push_back(server.name);
            if (names.empty() || std::ranges::find(names, server.name) != names.end()) out.push_back(server);
        }
    }
    for (const auto& name : names) {
        if (std::ranges::find(known, name) != known.end()) continue;
        const std::string meant = did_you_mean(name, known);
        return wrong("no configuration that was found has a server '" + name + "'",
                     meant.empty() ? "haive-mcp config import --list shows them" : meant);
    }
    return out;
}

/// Beside it first, then renamed over it: never half a file. What may hold secrets is readable by its owner only.
Result<void> replace_file(const std::string& file, const std::string& text) {
    std::error_code ignored;
    const fs::path real = fs::exists(file, ignored) ? fs::canonical(file, ignored) : fs::path(file);
    struct stat old{};
    const mode_t mode = ::stat(real.c_str(), &old) == 0 ? old.st_mode & 0777U : 0600U;
    if (real.has_parent_path()) fs::create_directories(real.parent_path(), ignored);
    const std::string beside = real.string() + ".new-" + std::to_string(getpid());
    const auto failed = [&](int reason) {
        unlink(beside.c_str());
        return wrong("cannot write '" + file + "': " + std::strerror(reason));
    };
    const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return failed(errno);
    for (std::string_view rest = text; !rest.empty();) {
        const ssize_t written = write(fd, rest.data(), rest.size());
        if (written < 0) {
            const int reason = errno;
            close(fd);
            return failed(reason);
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    const bool good = fchmod(fd, mode) == 0 && fsync(fd) == 0;
    const int reason = errno;
    if (close(fd) != 0 || !good) return failed(good ? errno : reason);
    if (rename(beside.c_str(), real.c_str()) != 0) return failed(errno);
    return {};
}

std::string target_of(const Invocation& run) {
    if (!run.to.empty()) return run.to;
    if (!run.config.empty()) return run.config;
    return find_config_file().value_or("mcp.json");
}

void report(const Context& context, const std::string& target, const MergedConfig& merged,
            const std::vector<ImportedServer>& servers) {
    if (context.run.json) {
        std::puts(json::serialize(json::object{{"file", target},
                                               {"added", json::array(merged.added.begin(), merged.added.end())},
                                               {"kept", json::array(merged.kept.begin(), merged.kept.end())}})
                      .c_str());
        return;
    }
    for (const auto& name : merged.added) std::printf("added %s\n", name.c_str());
    if (context.run.quiet) return;
    for (const auto& name : merged.kept) std::printf("kept %s, which was there already\n", name.c_str());
    for (const auto& server : servers) {
        if (std::ranges::find(merged.added, server.name) == merged.added.end()) continue;
        for (const auto& note : server.notes) std::printf("%s: %s\n", server.name.c_str(), note.c_str());
    }
    std::printf("%s %s\n", target.c_str(), merged.added.empty() ? "is as it was" : "is written");
}

}  // namespace

int config_import_command(Context& context) {
    std::error_code ignored;
    const std::string project = fs::current_path(ignored).string();
    const auto found = find_servers(context, project);
    if (found.has_error()) return fail(context, found.error());
    const bool nothing_chosen = context.run.operands.empty() && context.run.from.empty();
    if (context.run.list || nothing_chosen) {
        const int code = list(context, *found);
        if (!context.run.list && !context.run.quiet && !found->empty()) {
            std::fputs("name the servers to import, or say --from CLIENT for all of one program\n", stderr);
        }
        return code;
    }
    const auto servers = chosen(*found, context.run.operands);
    if (servers.has_error()) return fail(context, servers.error());
    const std::string target = target_of(context.run);
    std::string before;
    if (fs::exists(target, ignored)) {
        auto text = text_of(target);
        if (text.has_error()) return fail(context, text.error());
        before = std::move(*text);
    }
    const auto merged = merge_servers(before, target, *servers);
    if (merged.has_error()) return fail(context, merged.error());
    if (!merged->added.empty()) {
        const auto written = replace_file(target, merged->text);
        if (written.has_error()) return fail(context, written.error());
    }
    report(context, target, *merged, *servers);
    return exit_ok;
}

}  // namespace haive::mcp::cli
