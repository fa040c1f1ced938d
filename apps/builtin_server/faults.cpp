#include "faults.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unistd.h>

namespace builtin {

namespace {

/// A process that only sleeps, and not for ever.
[[noreturn]] void sleep_life(double seconds) {
    alarm(static_cast<unsigned>(std::max(1.0, seconds)));
    for (;;) pause();
}

void spawn_child(double life) {
    const pid_t pid = fork();
    if (pid == 0) sleep_life(life);
    std::fprintf(stderr, "child %d\n", pid);
}

/// Out of the group and the session, and no child of ours: what daemons do, and browsers.
void spawn_escaped(double life) {
    const pid_t between = fork();
    if (between != 0) return;
    setsid();
    const pid_t pid = fork();
    if (pid == 0) sleep_life(life);
    std::fprintf(stderr, "escaped %d\n", pid);
    _exit(0);
}

}  // namespace

void die(const Switches& switches) {
    const std::string_view name = switches.die_signal;
    const int signal = name == "KILL" ? SIGKILL : name == "SEGV" ? SIGSEGV : name == "ABRT" ? SIGABRT : name == "TERM" ? SIGTERM : 0;
    if (signal != 0) {
        std::signal(signal, SIG_DFL);
        raise(signal);
    }
    _exit(switches.exit_code);
}

void flood_stderr(long bytes) {
    if (bytes <= 0) return;
    constexpr std::string_view line = "a line of chatter on stderr, as real servers print it by the thousand .......\n";
    std::string block;
    while (block.size() < 32768) block += line;
    for (long left = bytes; left > 0;) {
        const auto n = static_cast<std::size_t>(std::min<long>(left, static_cast<long>(block.size())));
        const ssize_t written = write(STDERR_FILENO, block.data(), n);
        if (written <= 0) return;
        left -= written;
    }
}

void prepare_process(const Switches& switches) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGALRM, SIG_DFL);
    alarm(static_cast<unsigned>(std::max(1.0, switches.max_life)));
    if (switches.ignore_term) std::signal(SIGTERM, SIG_IGN);
    if (!switches.quiet) std::fprintf(stderr, "haive-mcp-server %d is ready\n", getpid());
    if (switches.exit_before_handshake) {
        std::fprintf(stderr, "Error: configuration not found\n");
        die(switches);
    }
    if (switches.spawn_child) spawn_child(switches.max_life);
    if (switches.spawn_escaped) spawn_escaped(switches.max_life);
    if (switches.slow_start > 0) usleep(static_cast<useconds_t>(switches.slow_start * 1e6));
    flood_stderr(switches.stderr_flood_start);
    if (switches.never_read_at_start) {
        for (;;) pause();
    }
}

}  // namespace builtin
