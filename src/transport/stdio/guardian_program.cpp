#include "transport/stdio/guardian_program.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" const char haive_mcp_guardian_begin[];
extern "C" const char haive_mcp_guardian_end[];

namespace haive::mcp {

namespace {

constexpr int socket_in_guardian = 3;
constexpr int longest_reap_ms = 3000;

Error system_error(const char* what, int code) {
    Error error(ErrorKind::server_unavailable, std::string(what) + ": " + std::strerror(code));
    if (code == EMFILE || code == ENFILE) {
        error.set_mend("this process has too many open files: raise its limit (ulimit -n) or close some servers");
    }
    return error;
}

bool write_program(int fd) {
    const char* at = haive_mcp_guardian_begin;
    while (at < haive_mcp_guardian_end) {
        const ssize_t n = write(fd, at, static_cast<std::size_t>(haive_mcp_guardian_end - at));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        at += n;
    }
    return true;
}

int spawn_with_socket(const char* path, int socket, pid_t& pid) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, socket, socket_in_guardian);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // Its own session: a Ctrl-C on the host's terminal is the host's business.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    std::string name = "mcp-guardian";
    std::array<char*, 2> argv{name.data(), nullptr};
    std::array<char*, 1> env{nullptr};
    const int error = posix_spawn(&pid, path, &actions, &attributes, argv.data(), env.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int spawn_from_memory(int socket, pid_t& pid) {
    const int memory = memfd_create("mcp-guardian", MFD_CLOEXEC);
    if (memory < 0) return errno;
    int error = write_program(memory) ? 0 : errno;
    if (error == 0) {
        const std::string path = "/proc/self/fd/" + std::to_string(memory);
        error = spawn_with_socket(path.c_str(), socket, pid);
    }
    close(memory);
    return error;
}

int spawn_from_file(int socket, pid_t& pid) {
    const char* folder = std::getenv("TMPDIR");
    std::string path = std::string(folder != nullptr ? folder : "/tmp") + "/mcp-guardian-XXXXXX";
    const int file = mkostemp(path.data(), O_CLOEXEC);
    if (file < 0) return errno;
    int error = write_program(file) && fchmod(file, S_IRWXU) == 0 ? 0 : errno;
    close(file);
    if (error == 0) error = spawn_with_socket(path.c_str(), socket, pid);
    unlink(path.c_str());
    return error;
}

}  // namespace

Result<GuardianProgram> start_guardian_program() {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return system_error("no socket for the guardian process", errno);
    }
    // dup2 onto itself would keep the close-on-exec flag.
    if (ends[1] == socket_in_guardian) ends[1] = fcntl(ends[1], F_DUPFD_CLOEXEC, socket_in_guardian + 1);
    GuardianProgram guardian;
    guardian.socket = ends[0];
    int error = spawn_from_memory(ends[1], guardian.pid);
    if (error != 0) error = spawn_from_file(ends[1], guardian.pid);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        return system_error("the guardian process could not be started", error);
    }
    return guardian;
}

void reap_guardian(pid_t pid) noexcept {
    const int handle = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
    if (handle >= 0) {
        pollfd ended{handle, POLLIN, 0};
        poll(&ended, 1, longest_reap_ms);
        close(handle);
    }
    waitpid(pid, nullptr, WNOHANG);
}

}  // namespace haive::mcp
