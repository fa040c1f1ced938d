#include "http_server_process.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace haive::bench {

namespace {

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::exit(1);
}

}  // namespace

HttpServerProcess::HttpServerProcess(const std::string& program) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) die("pipe2");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::string name = program;
    std::string mode = "http";
    std::array<char*, 3> argv{name.data(), mode.data(), nullptr};
    if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ) != 0) die(program.c_str());
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    stdin_ = in[1];
    std::array<char, 16> port{};
    if (read(out[0], port.data(), port.size() - 1) <= 0) die("no port from the echo server");
    close(out[0]);
    url_ = "http://127.0.0.1:" + std::to_string(std::atoi(port.data())) + "/mcp";
}

HttpServerProcess::~HttpServerProcess() {
    close(stdin_);
    waitpid(pid_, nullptr, 0);
}

}  // namespace haive::bench
