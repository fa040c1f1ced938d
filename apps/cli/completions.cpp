#include "cli/commands.hpp"

#include <cstdio>
#include <map>

namespace haive::mcp::cli {

namespace {

#pragma clang diagnostic ignored "-Wc23-extensions"

// The files that are installed, in the program too, for systems where nobody installed them.
constexpr char bash_text[] = {
#embed "completions/haive-mcp.bash"
};
constexpr char zsh_text[] = {
#embed "completions/_haive-mcp"
};
constexpr char fish_text[] = {
#embed "completions/haive-mcp.fish"
};

}  // namespace

int completions_command(Context& context) {
    if (context.run.operands.size() != 1) return misuse("which shell? haive-mcp completions bash|zsh|fish");
    const std::string& shell = context.run.operands.front();
    if (shell == "bash") {
        std::fwrite(bash_text, 1, sizeof bash_text, stdout);
    } else if (shell == "zsh") {
        std::fwrite(zsh_text, 1, sizeof zsh_text, stdout);
    } else if (shell == "fish") {
        std::fwrite(fish_text, 1, sizeof fish_text, stdout);
    } else {
        return misuse("no completions for '" + shell + "': bash, zsh and fish are known");
    }
    return exit_ok;
}

}  // namespace haive::mcp::cli
