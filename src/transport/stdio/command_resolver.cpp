#include "transport/stdio/command_resolver.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace haive::mcp {

FileKind probe_file(const std::string& path) {
    struct stat about{};
    if (stat(path.c_str(), &about) != 0) return FileKind::absent;
    if (S_ISDIR(about.st_mode)) return FileKind::directory;
    return access(path.c_str(), X_OK) == 0 ? FileKind::program : FileKind::not_executable;
}

namespace {

Error refuse(std::string text, std::string mend) {
    Error error(ErrorKind::invalid_command, std::move(text));
    error.set_mend(std::move(mend));
    return error;
}

std::string install_hint(std::string_view command) {
    if (command == "npx" || command == "npm" || command == "node")
        return "install Node.js, or give the full path of " + std::string(command);
    if (command == "uvx" || command == "uv") return "install uv, or give the full path of " + std::string(command);
    if (command == "docker" || command == "podman")
        return "install " + std::string(command) + ", or give its full path";
    return "install it, give its full path, or put its folder into PATH";
}

Result<std::string> look_at(const std::string& path, const FileProbe& probe) {
    switch (probe(path)) {
        case FileKind::program: return path;
        case FileKind::directory:
            return refuse("'" + path + "' is a directory, not a program", "name the program inside it");
        case FileKind::not_executable:
            return refuse("'" + path + "' is not executable",
                          "chmod +x it, or give its interpreter as the command and the file as an argument");
        case FileKind::absent: break;
    }
    return refuse("there is no file '" + path + "'", "check the path");
}

}  // namespace

Result<std::string> resolve_command(std::string_view command, std::string_view path, std::string_view cwd,
                                    const FileProbe& probe) {
    if (command.empty()) return refuse("the command is empty", "name the program that starts the server");
    if (command.find('\0') != std::string_view::npos)
        return refuse("the command has a NUL character in it", "remove it");
    if (command.find('/') != std::string_view::npos) {
        std::string file(command);
        if (command.front() != '/' && !cwd.empty()) file = std::string(cwd) + "/" + file;
        auto found = look_at(file, probe);
        if (found.has_error() && command.find(' ') != std::string_view::npos && probe(file) == FileKind::absent) {
            Error error = found.error();
            error.set_mend("the command holds spaces: put the program into 'command' and the rest into 'args'");
            return error;
        }
        return found;
    }
    std::string unusable;
    for (std::size_t from = 0; from <= path.size();) {
        std::size_t end = path.find(':', from);
        if (end == std::string_view::npos) end = path.size();
        const std::string folder = end == from ? std::string(".") : std::string(path.substr(from, end - from));
        from = end + 1;
        const std::string file = folder + "/" + std::string(command);
        const FileKind kind = probe(file);
        if (kind == FileKind::program) return file;
        if (kind == FileKind::not_executable && unusable.empty()) unusable = file;
    }
    if (!unusable.empty()) return look_at(unusable, probe);
    const std::string searched = path.empty() ? "PATH is empty" : "searched PATH: " + std::string(path);
    const std::size_t space = command.find(' ');
    if (space != std::string_view::npos) {
        return refuse("command '" + std::string(command) + "' not found (" + searched + ")",
                      "it looks like a whole command line: put '" + std::string(command.substr(0, space)) +
                          "' into 'command' and the rest into 'args'");
    }
    return refuse("command '" + std::string(command) + "' not found (" + searched + ")", install_hint(command));
}

}  // namespace haive::mcp
