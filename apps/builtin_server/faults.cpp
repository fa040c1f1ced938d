#include "faults.hpp"

#include "family.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace builtin {

void die(const Switches& switches) {
    if (switches.die_signal != 0) {
        std::signal(switches.die_signal, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        raise(switches.die_signal);
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
    limit_life(switches.max_life);
    std::signal(SIGPIPE, SIG_IGN);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (switches.ignore_term) std::signal(SIGTERM, SIG_IGN);
    if (!switches.quiet) std::fprintf(stderr, "haive-mcp-server %d is ready\n", getpid());
    if (switches.exit_before_handshake) {
        std::fprintf(stderr, "Error: configuration not found\n");
        die(switches);
    }
    if (switches.spawn_child) spawn_child(switches.max_life);
    if (switches.spawn_escaped) spawn_escaped(switches.max_life);
    if (switches.zombie_grandchild) spawn_zombie(switches.max_life);
    if (switches.slow_start > 0) std::this_thread::sleep_for(std::chrono::duration<double>(switches.slow_start));
    flood_stderr(switches.stderr_flood_start);
    if (switches.never_read_at_start) {
        for (;;) pause();
    }
}

}  // namespace builtin
