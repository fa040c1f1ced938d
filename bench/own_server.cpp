#include "own_server.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace haive::bench {

namespace {

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::exit(1);
}

std::string first_line(int from) {
    std::string line;
    for (char byte = 0; read(from, &byte, 1) == 1 && byte != '\n';) line += byte;
    return line;
}

}  // namespace

OwnServer::OwnServer(const std::string& program, std::vector<std::string> args) {
    args.insert(args.begin(), {program, "--quiet", "--until-eof"});
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) die("pipe2");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    std::vector<char*> argv;
    for (auto& word : args) argv.push_back(word.data());
    argv.push_back(nullptr);
    if (posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) die(argv[0]);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    stdin_ = in[1];
    constexpr std::string_view start = "listening on ";
    const std::string line = first_line(out[0]);
    close(out[0]);
    if (!line.starts_with(start)) die("the server does not listen");
    url_ = line.substr(start.size());
}

OwnServer::~OwnServer() {
    close(stdin_);
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
}

}  // namespace haive::bench
