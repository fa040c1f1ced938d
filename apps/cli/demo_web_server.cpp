#include "cli/demo_web_server.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace haive::mcp::cli {

namespace {

/// The first line; the server writes it once it listens.
std::string line_from(int pipe) {
    std::string line;
    for (char c = 0; read(pipe, &c, 1) == 1 && c != '\n';) line += c;
    return line;
}

}  // namespace

DemoWebServer::DemoWebServer(const std::string& program, std::uint16_t port, const std::string& era) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipes");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    std::vector<std::string> words{program, "--quiet", "--until-eof", "--max-life",        "120",
                                   "--era", era,       "--http",      std::to_string(port)};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const int failed = posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    input_ = in[1];
    const std::string line = failed == 0 ? line_from(out[0]) : std::string();
    close(out[0]);
    constexpr std::string_view start = "listening on ";
    if (!line.starts_with(start)) {
        if (failed != 0) pid_ = 0;
        kill();
        throw std::runtime_error("the built-in server does not listen");
    }
    url_ = line.substr(start.size());
}

DemoWebServer::~DemoWebServer() { kill(); }

std::uint16_t DemoWebServer::port() const {
    return static_cast<std::uint16_t>(std::stoi(url_.substr(url_.rfind(':') + 1)));
}

void DemoWebServer::kill() noexcept {
    if (input_ >= 0) close(input_);
    input_ = -1;
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

}  // namespace haive::mcp::cli
