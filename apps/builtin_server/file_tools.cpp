// Files, but only below the folders of the command line or, if there are none, below the client's roots.
#include "conversation.hpp"
#include "roots.hpp"
#include "tool_bodies.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>

namespace builtin {

namespace fs = std::filesystem;

namespace {

using Use = void (*)(const CallPtr& call, const fs::path& path);

void refuse_path(const CallPtr& call, const std::string& path) {
    const char* why = !call->conversation->folders().empty() ? " is in no folder that is allowed"
                      : call->modern ? ": no folder was given, and the modern era has no roots to ask for"
                                     : ": no folder was given, and the client offers no roots";
    finish(call, text_result("Access denied: " + path + why, true));
}

void use_if_allowed(const CallPtr& call, Use use) {
    const std::string path = text_param(call->arguments, "path");
    const auto real = path_inside(path, call->conversation->folders());
    if (!real) return refuse_path(call, path);
    use(call, *real);
}

void with_path(const CallPtr& call, Use use) {
    (void)text_param(call->arguments, "path");
    if (!call->conversation->folders().empty() || call->modern || !call->conversation->client_has("roots")) {
        return use_if_allowed(call, use);
    }
    call->conversation->ask(call, {{"roots", "roots/list", {}}}, [call, use](const json::object& answers) {
        call->conversation->folders() = folders_in(object_in(answers, "roots"));
        use_if_allowed(call, use);
    });
}

void read_now(const CallPtr& call, const fs::path& path) {
    constexpr std::uintmax_t most = std::uintmax_t{64} << 20;
    std::error_code failed;
    const bool regular = fs::is_regular_file(path, failed);  // a pipe would keep us for ever
    std::ifstream file(regular ? path : fs::path(), std::ios::binary);
    if (!file || fs::file_size(path, failed) > most) {
        return finish(call, text_result("cannot read " + path.string(), true));
    }
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    finish(call, text_result(as_utf8(text)));
}

void list_now(const CallPtr& call, const fs::path& path) {
    std::error_code failed;
    std::vector<std::string> lines;
    for (fs::directory_iterator at(path, failed), end; !failed && at != end; at.increment(failed)) {
        std::error_code unknown;
        const bool folder = at->is_directory(unknown);
        lines.push_back((folder ? "[DIR] " : "[FILE] ") + as_utf8(at->path().filename().string()));
    }
    if (failed) return finish(call, text_result("cannot list " + path.string(), true));
    std::ranges::sort(lines);
    std::string text;
    for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
    finish(call, text_result(text));
}

}  // namespace

void read_text_file(const CallPtr& call) { with_path(call, read_now); }
void list_directory(const CallPtr& call) { with_path(call, list_now); }

}  // namespace builtin
