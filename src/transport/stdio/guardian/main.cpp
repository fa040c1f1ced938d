// The guardian: a small process of its own beside each host program. It starts the servers, so they are
// its children: when the host goes, by whatever death, the guardian ends them all, and those that
// slipped out of their group or session too, because it is the reaper of orphans below it.
// docs/internals/processes.md tells the whole story.
//
// Plain C++ without exceptions, allocation-light, statically linked, started from memory.
#include "transport/stdio/guardian/child.hpp"
#include "transport/stdio/guardian/processes.hpp"
#include "transport/stdio/guardian/wire.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <initializer_list>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace haive::mcp::guardian;

namespace {

constexpr int host_socket = 3;
constexpr int max_children = 4096;
constexpr int sweep_rounds = 50;
constexpr int sweep_step_ms = 10;
constexpr int farewell_ms = 1000;
constexpr int farewell_step_ms = 20;

constexpr int farewell_program_ms = 10000;
constexpr int max_farewells = 256;

/// A farewell that runs: it is ours, it is bounded, and no sweep touches it.
struct Farewell {
    pid_t pid;
    long long until_ms;
};

Child children[max_children];
int child_count = 0;
Farewell farewells[max_farewells];
int farewell_count = 0;

long long now_ms() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

void say_farewell(Child& child) {
    if (child.payload.has_farewell() && farewell_count < max_farewells) {
        const pid_t pid = start_farewell(child);
        if (pid > 0) farewells[farewell_count++] = Farewell{pid, now_ms() + farewell_program_ms};
    }
    child.payload.unload();
}

bool is_farewell(pid_t pid) {
    for (int i = 0; i < farewell_count; ++i) {
        if (farewells[i].pid == pid || getpgid(pid) == farewells[i].pid) return true;
    }
    return false;
}

void bound_farewells() {
    for (int i = 0; i < farewell_count; ++i) {
        if (waitpid(farewells[i].pid, nullptr, WNOHANG) == 0) {
            if (now_ms() > farewells[i].until_ms) kill(-farewells[i].pid, SIGKILL);
            continue;
        }
        farewells[i--] = farewells[--farewell_count];
    }
}

void tell(Report report, std::int32_t value, std::uint64_t id, std::uint32_t stage) {
    ToHost message{report, value, id, stage, 0};
    send(host_socket, &message, sizeof message, MSG_NOSIGNAL);
}

Child* find(std::uint64_t id) {
    for (int i = 0; i < child_count; ++i) {
        if (children[i].id == id) return &children[i];
    }
    return nullptr;
}

bool is_leader(pid_t pid) {
    for (int i = 0; i < child_count; ++i) {
        if (children[i].pid == pid) return true;
    }
    return false;
}

void spawn(std::uint64_t id, const int* fds) {
    Child child{};
    child.id = id;
    Stage failed_at = Stage::fork;
    int code = EAGAIN;
    if (child_count < max_children) {
        code = child.payload.load(fds[0]) ? start_child(id, child.payload, fds + 1, child.pid, failed_at) : errno;
    }
    if (code != 0) {
        child.payload.unload();
        tell(Report::failed, code, id, static_cast<std::uint32_t>(failed_at));
        return;
    }
    if (!child.payload.has_farewell()) child.payload.unload();
    children[child_count++] = child;
    tell(Report::spawned, child.pid, id, 0);
}

/// Looks for children that ended. A leader stays a zombie until it is released, so that nobody else can
/// get its process id and with it a signal that was meant for its group.
void note_ends() {
    for (int i = 0; i < child_count; ++i) {
        Child& child = children[i];
        if (child.exited) continue;
        siginfo_t info{};
        if (waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0) continue;
        if (info.si_pid != child.pid) continue;
        child.exited = true;
        tell(Report::exited, info.si_status, child.id, info.si_code == CLD_EXITED ? 0 : 1);
    }
    // Orphans that were adopted and have ended are nobody's but ours.
    each_child_of(getpid(), [](pid_t pid) {
        if (!is_leader(pid) && !is_farewell(pid)) waitpid(pid, nullptr, WNOHANG);
    });
}

/// Signals a child's group and every marked process that is no longer in it.
int signal_family(const Child& child, int signal, bool escaped_only) {
    int found = 0;
    if (!escaped_only && kill(-child.pid, signal) == 0) ++found;
    const auto one = [&](pid_t pid) {
        if (pid == child.pid || getpgid(pid) == child.pid || !is_marked(pid, child.id)) return;
        if (kill(pid, signal) == 0) ++found;
    };
    each_descendant_of(getpid(), one);
    return found;
}

/// Those of the child's group that are not its leader, ended ones that nobody reaped yet included.
int group_members(const Child& child) {
    int members = 0;
    const auto one = [&](pid_t pid) { members += pid != child.pid && getpgid(pid) == child.pid ? 1 : 0; };
    if (child.pid != 0) each_descendant_of(getpid(), one);
    return members;
}

/// One round for each released child: kill what is left, until nothing is.
void sweep() {
    for (int i = 0; i < child_count; ++i) {
        Child& child = children[i];
        if (child.sweeps_left == 0) continue;
        // Once the leader is reaped its number may be somebody else's: it goes last of its group.
        if (child.pid != 0) kill(-child.pid, SIGKILL);
        const int left = signal_family(child, SIGKILL, true) + group_members(child);
        if (left == 0 && child.pid != 0 && waitpid(child.pid, nullptr, WNOHANG) != 0) child.pid = 0;
        // A process that was just killed no longer shows its marker: look once more before it counts as gone.
        const bool gone = child.pid == 0 && left == 0 && child.left_before == 0;
        child.left_before = left;
        if (gone || --child.sweeps_left == 0) {
            if (child.pid != 0) waitpid(child.pid, nullptr, WNOHANG);
            tell(Report::released, 0, child.id, 0);
            say_farewell(child);
            children[i--] = children[--child_count];
        }
    }
    bound_farewells();
}

bool sweeping() {
    if (farewell_count > 0) return true;
    for (int i = 0; i < child_count; ++i) {
        if (children[i].sweeps_left > 0) return true;
    }
    return false;
}

/// False when the host is gone.
bool serve_host() {
    ToGuardian message{};
    iovec piece{&message, sizeof message};
    alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const ssize_t got = recvmsg(host_socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    int fds[4] = {-1, -1, -1, -1};
    int fd_count = 0;
    for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        fd_count = static_cast<int>((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        if (fd_count > 4) fd_count = 4;
        memcpy(fds, CMSG_DATA(c), static_cast<size_t>(fd_count) * sizeof(int));
    }
    if (got == sizeof message) {
        Child* child = find(message.id);
        if (message.command == Command::spawn) {
            if (fd_count == 4) {
                spawn(message.id, fds);
            } else {
                // The descriptors did not arrive: this process has no room for more of them.
                tell(Report::failed, EMFILE, message.id, static_cast<std::uint32_t>(Stage::fork));
            }
        } else if (message.command == Command::signal && child != nullptr) {
            signal_family(*child, message.signal, false);
        } else if (message.command == Command::release && child != nullptr && child->sweeps_left == 0) {
            child->sweeps_left = sweep_rounds;
        }
    }
    for (int i = 0; i < fd_count; ++i) close(fds[i]);
    return true;
}

/// Reaps what has ended of everything, except the farewells, which have their own book.
void reap() {
    each_child_of(getpid(), [](pid_t pid) {
        if (!is_farewell(pid)) waitpid(pid, nullptr, WNOHANG);
    });
}

int kill_all(int signal) {
    int found = 0;
    const auto one = [&](pid_t pid) {
        if (!is_farewell(pid) && kill(pid, signal) == 0) ++found;
    };
    reap();
    each_descendant_of(getpid(), one);
    reap();
    return found;
}

void pause_ms(int ms) { poll(nullptr, 0, ms); }

/// The host is gone: ask once, wait a little, then insist until nobody is left.
[[noreturn]] void farewell() {
    kill_all(SIGTERM);
    int left = 1;
    for (int waited = 0; left > 0 && waited < farewell_ms; waited += farewell_step_ms) {
        left = kill_all(0);
        if (left > 0) pause_ms(farewell_step_ms);
    }
    for (int round = 0; left > 0 && round < sweep_rounds; ++round) {
        left = kill_all(SIGKILL);
        if (left > 0) pause_ms(sweep_step_ms);
    }
    for (int i = 0; i < child_count; ++i) say_farewell(children[i]);
    while (farewell_count > 0) {
        bound_farewells();
        if (farewell_count > 0) pause_ms(farewell_step_ms);
    }
    _exit(left > 0 ? 1 : 0);
}

}  // namespace

int main() {
    syscall(SYS_close_range, host_socket + 1, ~0U, 0);
    fcntl(host_socket, F_SETFD, FD_CLOEXEC);  // no server may speak for the host, nor keep its line open
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NAME, "mcp-guardian");
    signal(SIGPIPE, SIG_IGN);
    sigset_t watched;
    sigemptyset(&watched);
    for (const int s : {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&watched, s);
    sigprocmask(SIG_SETMASK, &watched, nullptr);
    sigset_t child_signal;
    sigemptyset(&child_signal);
    sigaddset(&child_signal, SIGCHLD);
    const int ends = signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK);

    for (;;) {
        pollfd wait_for[2] = {{host_socket, POLLIN, 0}, {ends, POLLIN, 0}};
        poll(wait_for, 2, sweeping() ? sweep_step_ms : -1);
        if (wait_for[1].revents != 0) {
            signalfd_siginfo ignored[16];
            while (read(ends, ignored, sizeof ignored) > 0) {}
            note_ends();
        }
        if (wait_for[0].revents != 0 && !serve_host()) farewell();
        sweep();
    }
}
