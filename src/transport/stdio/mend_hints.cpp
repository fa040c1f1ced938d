#include "transport/stdio/mend_hints.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <csignal>
#include <cstring>

namespace haive::mcp {

namespace {

struct Hint {
    std::string_view words;  // lower case, as servers and their launchers print them
    std::string_view mend;
};

// First match wins: launchers before languages before systems.
constexpr std::array hints{
    Hint{"npm error code e404", "the npm package does not exist: check its name and version"},
    Hint{"npm err! code e404", "the npm package does not exist: check its name and version"},
    Hint{"npm error code enotfound", "the npm registry cannot be reached: check network and proxy"},
    Hint{"eai_again", "a host name cannot be resolved now: check network and DNS"},
    Hint{"getaddrinfo", "a host name cannot be resolved: check network and DNS"},
    Hint{"could not determine executable to run", "the npm package has no program: check its name"},
    Hint{"no solution found when resolving", "uv cannot find the package: check its name and version"},
    Hint{"was not found in the package registry", "the Python package does not exist: check its name"},
    Hint{"cannot connect to the docker daemon", "start docker, or let this user use it"},
    Hint{"unable to find image", "the docker image does not exist or needs a login: check its name"},
    Hint{"cannot find module", "a Node.js module is missing: run npm install where the server lives"},
    Hint{"err_module_not_found", "a Node.js module is missing: run npm install where the server lives"},
    Hint{"modulenotfounderror", "a Python module is missing: install it into the server's environment"},
    Hint{"unsupported engine", "the installed Node.js is too old for this server"},
    Hint{"error while loading shared libraries", "a shared library is missing: install it"},
    Hint{"glibc_", "the program was built for a newer system"},
    Hint{"eaddrinuse", "the port it wants is taken: end the other process or choose another port"},
    Hint{"address already in use", "the port it wants is taken: end the other process or choose another port"},
    Hint{"api key", "it wants an API key: set the variable in the server's env"},
    Hint{"api_key", "it wants an API key: set the variable in the server's env"},
    Hint{"environment variable", "it wants an environment variable: set it in the server's env"},
    Hint{"eacces", "it may not open a file: check permissions"},
    Hint{"permission denied", "it may not open a file: check permissions"},
    Hint{"no space left on device", "the disk is full"},
    Hint{"enoent", "a file or folder that it was given does not exist: check its arguments"},
    Hint{"no such file or directory", "a file or folder that it was given does not exist: check its arguments"},
    Hint{"out of memory", "it ran out of memory"},
    Hint{"usage:", "it does not understand its arguments: compare them with its documentation"},
};

}  // namespace

std::string mend_hint(std::optional<int> exit_code, std::optional<int> exit_signal, std::string_view stderr_tail) {
    std::string lower(stderr_tail);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const Hint& hint : hints) {
        if (lower.find(hint.words) != std::string::npos) return std::string(hint.mend);
    }
    if (exit_signal == SIGKILL) return "something killed it: the system when memory ran out, or a person";
    if (exit_signal == SIGSEGV || exit_signal == SIGABRT || exit_signal == SIGBUS || exit_signal == SIGILL) {
        return "it crashed: report it to its maker, with its stderr";
    }
    if (exit_code == 127) return "a program that it starts was not found: check PATH in the server's env";
    if (exit_code == 126) return "a program that it starts cannot be run: check its permissions";
    return {};
}

std::string describe_end(std::optional<int> exit_code, std::optional<int> exit_signal) {
    if (exit_signal) {
        const char* name = sigabbrev_np(*exit_signal);
        return "signal " + std::to_string(*exit_signal) + (name != nullptr ? std::string(" (SIG") + name + ")" : "");
    }
    return exit_code ? "exit code " + std::to_string(*exit_code) : std::string("an unknown exit status");
}

}  // namespace haive::mcp
