#include "transport/stdio/guardian/child.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <initializer_list>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace haive::mcp::guardian {

namespace {

struct StartFailure {
    int code;
    Stage stage;
};

void write_marker(char (&out)[64], pid_t guardian, std::uint64_t id) {
    snprintf(out, sizeof out, "%s=%d.%llu", marker_variable, guardian, static_cast<unsigned long long>(id));
}

void plain_signals() {
    struct sigaction plain{};
    plain.sa_handler = SIG_DFL;
    for (int s = 1; s < 65; ++s) sigaction(s, &plain, nullptr);
    // The C library hides two from sigaction, and ignores them in what it spawns.
    const unsigned long kernel_action[4] = {0, 0, 0, 0};
    for (const int s : {32, 33}) syscall(SYS_rt_sigaction, s, kernel_action, nullptr, 8);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Runs in the forked child: becomes the server, or reports why not and ends.
[[noreturn]] void become_server(std::uint64_t id, const Payload& payload, const int* fds, int report_fd,
                                pid_t guardian) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != guardian) _exit(127);  // it died before the line above took hold
    plain_signals();
    for (int i = 0; i < 3; ++i) dup2(fds[i], i);
    char marker[64];
    write_marker(marker, guardian, id);
    StartFailure failure{0, Stage::exec};
    payload.exec_program(marker, failure.stage);
    failure.code = errno;
    _exit(write(report_fd, &failure, sizeof failure) < 0 ? 126 : 127);
}

}  // namespace

bool Payload::load(int fd) {
    struct stat about{};
    if (fstat(fd, &about) != 0) return false;
    const auto size = static_cast<size_t>(about.st_size);
    if (size <= sizeof(PayloadHead)) {
        errno = EINVAL;
        return false;
    }
    void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (mapped == MAP_FAILED) return false;
    data_ = static_cast<char*>(mapped);
    size_ = size;
    data_[size - 1] = '\0';
    return true;
}

void Payload::unload() {
    if (data_ != nullptr) munmap(data_, size_);
    data_ = nullptr;
}

void Payload::exec_program(const char* marker, Stage& failed_at) const {
    char* at = data_ + sizeof(PayloadHead);
    const auto next = [&at] {
        char* text = at;
        at += strlen(at) + 1;
        return text;
    };
    char* path = next();
    char* cwd = next();
    auto** argv = static_cast<char**>(calloc(head()->argc + head()->envc + 3, sizeof(char*)));
    failed_at = Stage::fork;
    if (argv == nullptr) return;
    for (std::uint32_t i = 0; i < head()->argc; ++i) argv[i] = next();
    char** envp = argv + head()->argc + 1;
    envp[0] = const_cast<char*>(marker);
    for (std::uint32_t i = 0; i < head()->envc; ++i) envp[i + 1] = next();
    failed_at = Stage::chdir;
    if (*cwd != '\0' && chdir(cwd) != 0) return;
    failed_at = Stage::exec;
    execve(path, argv, envp);
}

void Payload::exec_farewell(const char* marker) const {
    char* at = data_ + sizeof(PayloadHead);
    const auto next = [&at] {
        char* text = at;
        at += strlen(at) + 1;
        return text;
    };
    for (std::uint32_t i = 0; i < 2 + head()->argc; ++i) next();
    auto** envp = static_cast<char**>(calloc(head()->envc + head()->farewellc + 3, sizeof(char*)));
    if (envp == nullptr) return;
    envp[0] = const_cast<char*>(marker);
    for (std::uint32_t i = 0; i < head()->envc; ++i) envp[i + 1] = next();
    char** argv = envp + head()->envc + 2;
    for (std::uint32_t i = 0; i < head()->farewellc; ++i) argv[i] = next();
    execve(argv[0], argv, envp);
}

int start_child(std::uint64_t id, const Payload& payload, const int* fds, pid_t& pid, Stage& failed_at) {
    failed_at = Stage::fork;
    int report[2];
    const pid_t self = getpid();
    if (pipe2(report, O_CLOEXEC) != 0) return errno;
    pid = fork();
    if (pid == 0) become_server(id, payload, fds, report[1], self);
    const int fork_error = errno;
    close(report[1]);
    if (pid < 0) {
        close(report[0]);
        return fork_error;
    }
    setpgid(pid, pid);
    StartFailure failure{};
    ssize_t got = 0;
    do {
        got = read(report[0], &failure, sizeof failure);
    } while (got < 0 && errno == EINTR);
    close(report[0]);
    if (got != sizeof failure) return 0;  // the pipe closed with exec: it runs
    waitpid(pid, nullptr, 0);
    failed_at = failure.stage;
    return failure.code;
}

pid_t start_farewell(const Child& child) {
    const pid_t guardian = getpid();
    const pid_t pid = fork();
    if (pid != 0) return pid;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    plain_signals();
    const int nothing = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; ++i) dup2(nothing, i);
    char marker[64];
    write_marker(marker, guardian, 0);  // no child's own: sweeping must not end it
    child.payload.exec_farewell(marker);
    _exit(127);
}

}  // namespace haive::mcp::guardian
