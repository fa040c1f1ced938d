// Files, but only below the folders of the command line or, if there are none, below the client's roots.
#include "roots.hpp"
#include "server.hpp"
#include "tool_bodies.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>

namespace builtin {

namespace fs = std::filesystem;

namespace {

using Use = void (*)(Server& server, const CallPtr& call, const fs::path& path);

void refuse_path(Server& server, const CallPtr& call, const std::string& path) {
    const char* why = !server.folders().empty() ? " is in no folder that is allowed"
                      : call->modern            ? ": no folder was given, and the modern era has no roots to ask for"
                                                : ": no folder was given, and the client offers no roots";
    server.finish(call, text_result("Access denied: " + path + why, true));
}

void use_if_allowed(Server& server, const CallPtr& call, Use use) {
    const std::string path = text_param(call->arguments, "path");
    const auto real = path_inside(path, server.folders());
    if (!real) return refuse_path(server, call, path);
    use(server, call, *real);
}

void with_path(Server& server, const CallPtr& call, Use use) {
    (void)text_param(call->arguments, "path");
    if (!server.folders().empty() || call->modern || !server.client_has("roots")) {
        return use_if_allowed(server, call, use);
    }
    server.ask("roots/list", {}, [&server, call, use](const json::object& answer) {
        server.folders() = folders_in(answer);
        use_if_allowed(server, call, use);
    });
}

void read_now(Server& server, const CallPtr& call, const fs::path& path) {
    constexpr std::uintmax_t most = std::uintmax_t{64} << 20;
    std::error_code failed;
    const bool regular = fs::is_regular_file(path, failed);  // a pipe would keep us for ever
    std::ifstream file(regular ? path : fs::path(), std::ios::binary);
    if (!file || fs::file_size(path, failed) > most) {
        return server.finish(call, text_result("cannot read " + path.string(), true));
    }
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    server.finish(call, text_result(as_utf8(text)));
}

void list_now(Server& server, const CallPtr& call, const fs::path& path) {
    std::error_code failed;
    std::vector<std::string> lines;
    for (fs::directory_iterator at(path, failed), end; !failed && at != end; at.increment(failed)) {
        std::error_code unknown;
        const bool folder = at->is_directory(unknown);
        lines.push_back((folder ? "[DIR] " : "[FILE] ") + as_utf8(at->path().filename().string()));
    }
    if (failed) return server.finish(call, text_result("cannot list " + path.string(), true));
    std::ranges::sort(lines);
    std::string text;
    for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
    server.finish(call, text_result(text));
}

}  // namespace

void read_text_file(Server& server, const CallPtr& call) { with_path(server, call, read_now); }
void list_directory(Server& server, const CallPtr& call) { with_path(server, call, list_now); }

}  // namespace builtin
