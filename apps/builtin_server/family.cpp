#include "family.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace builtin {

namespace {

/// A process that only sleeps, and not for ever: a fork does not inherit the alarm.
[[noreturn]] void sleep_life(double seconds) {
    limit_life(seconds);
    for (;;) pause();
}

}  // namespace

void limit_life(double seconds) {
    std::signal(SIGALRM, SIG_DFL);
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm_only, nullptr);
    const double bounded = std::min(seconds, 1e8);
    itimerval timer{};
    timer.it_value.tv_sec = static_cast<time_t>(bounded);
    timer.it_value.tv_usec = static_cast<suseconds_t>((bounded - static_cast<double>(timer.it_value.tv_sec)) * 1e6);
    if (timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0) timer.it_value.tv_usec = 1;  // zero is "never"
    setitimer(ITIMER_REAL, &timer, nullptr);
}

void spawn_child(double life) {
    const pid_t pid = fork();
    if (pid == 0) sleep_life(life);
    if (pid > 0) std::fprintf(stderr, "child %d\n", pid);
}

void spawn_escaped(double life) {
    const pid_t between = fork();
    if (between > 0) {
        while (waitpid(between, nullptr, 0) < 0 && errno == EINTR) {}
    }
    if (between != 0) return;
    setsid();
    const pid_t pid = fork();
    if (pid == 0) sleep_life(life);
    if (pid > 0) std::fprintf(stderr, "escaped %d\n", pid);
    _exit(0);
}

void spawn_zombie(double life) {
    if (fork() != 0) return;
    const pid_t pid = fork();
    if (pid == 0) _exit(0);
    if (pid > 0) std::fprintf(stderr, "zombie %d\n", pid);
    sleep_life(life);
}

}  // namespace builtin
