#include "transport/stdio/open_child.hpp"

#include "haive/mcp/transport/runtime.hpp"
#include "transport/stdio/command_resolver.hpp"
#include "transport/stdio/environment_plan.hpp"
#include "transport/stdio/stdio_channel.hpp"

#include <array>
#include <cerrno>
#include <coroutine>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace haive::mcp {

namespace {

/// The six ends of the pipes between us and a child; closes what was not taken.
class PipeSet {
public:
    PipeSet() { ends_.fill(-1); }
    ~PipeSet() {
        for (const int fd : ends_) {
            if (fd >= 0) close(fd);
        }
    }
    PipeSet(const PipeSet&) = delete;
    PipeSet& operator=(const PipeSet&) = delete;

    /// False (errno says why) when the process has no room for them.
    [[nodiscard]] bool make() {
        for (std::size_t i = 0; i < ends_.size(); i += 2) {
            if (pipe2(&ends_[i], O_CLOEXEC) != 0) return false;
        }
        for (const std::size_t ours : {stdin_write, stdout_read, stderr_read}) {
            if (fcntl(ends_[ours], F_SETFL, O_NONBLOCK) != 0) return false;
        }
        return true;
    }
    [[nodiscard]] int at(std::size_t end) const noexcept { return ends_[end]; }
    [[nodiscard]] int take(std::size_t end) noexcept { return std::exchange(ends_[end], -1); }

    static constexpr std::size_t stdin_read = 0, stdin_write = 1, stdout_read = 2, stdout_write = 3, stderr_read = 4,
                                 stderr_write = 5;

private:
    std::array<int, 6> ends_{};
};

using Spawned = Result<std::unique_ptr<ChildProcess>>;

/// Waits for the spawner, but no longer than the deadline. A child that comes later is ended at once.
class SpawnWait {
public:
    SpawnWait(Runtime& runtime, const SpawnRequest& request, TimePoint deadline)
        : runtime_(runtime), request_(request), deadline_(deadline) {}

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
        shared_ = std::make_shared<Shared>(runtime_.loop(), waiter);
        runtime_.spawner().spawn(request_, [shared = shared_](Spawned child) {
            if (!shared->waiter) return;
            shared->child.emplace(std::move(child));
            shared->resume();
        });
        shared_->timer.arm(deadline_);
    }
    [[nodiscard]] Spawned await_resume() {
        if (shared_->child) return std::move(*shared_->child);
        return Error(ErrorKind::deadline_exceeded, "the system did not start '" + request_.path + "' in time");
    }

private:
    struct Shared {
        Shared(Loop& loop, std::coroutine_handle<> w) : waiter(w), timer(loop, [this] { resume(); }) {}
        void resume() {
            timer.disarm();
            std::exchange(waiter, {}).resume();
        }
        std::coroutine_handle<> waiter;
        std::optional<Spawned> child;
        Timer timer;
    };
    Runtime& runtime_;
    const SpawnRequest& request_;
    TimePoint deadline_;
    std::shared_ptr<Shared> shared_;
};

Error bad_cwd(const std::string& cwd) {
    Error error(ErrorKind::invalid_command, "the working directory '" + cwd + "' does not exist");
    error.set_mend("create it, or change cwd in the configuration");
    return error;
}

bool is_directory(const std::string& path) {
    struct stat about{};
    return stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

/// Everything that is decided before a process exists.
Result<SpawnRequest> plan_spawn(const std::string& command, const std::vector<std::string>& args,
                                const StdioOptions& options) {
    if (auto problem = environment_problem(options); !problem.empty()) {
        return Error(ErrorKind::invalid_command, std::move(problem));
    }
    for (const auto& arg : args) {
        if (arg.find('\0') != std::string::npos) {
            return Error(ErrorKind::invalid_command, "an argument of the command has a NUL character in it");
        }
    }
    if (!options.cwd.empty() && !is_directory(options.cwd)) return bad_cwd(options.cwd);
    const Environment environment = plan_environment(host_environment(), options);
    const auto path = environment.find("PATH");
    auto program = resolve_command(command, path == environment.end() ? std::string_view() : path->second, options.cwd,
                                   probe_file);
    if (program.has_error()) return program.error();

    SpawnRequest request;
    request.path = *program;
    request.cwd = options.cwd;
    request.argv.push_back(command);
    request.argv.insert(request.argv.end(), args.begin(), args.end());
    request.env = as_assignments(environment);
    return request;
}

}  // namespace

Task<Result<std::unique_ptr<Channel>>> open_child(Runtime& runtime, TimePoint deadline, std::string command,
                                                  std::vector<std::string> args, StdioOptions options,
                                                  std::vector<std::string> farewell) {
    auto planned = plan_spawn(command, args, options);
    if (planned.has_error()) co_return planned.error();
    SpawnRequest request = std::move(*planned);
    PipeSet pipes;
    if (!pipes.make()) {
        Error error(ErrorKind::server_unavailable,
                    std::string("no room for the server's pipes: ") + std::strerror(errno));
        error.set_mend("this process has too many files open: close some servers, or raise its limit (ulimit -n)");
        co_return error;
    }
    request.farewell = std::move(farewell);
    request.stdin_fd = pipes.at(PipeSet::stdin_read);
    request.stdout_fd = pipes.at(PipeSet::stdout_write);
    request.stderr_fd = pipes.at(PipeSet::stderr_write);
    SpawnWait spawn(runtime, request, deadline);
    Spawned child = co_await spawn;
    if (child.has_error()) co_return child.error();

    auto& loop = static_cast<EpollLoop&>(runtime.loop());  // a real child implies the real loop
    const ChildPipes ours{pipes.take(PipeSet::stdin_write), pipes.take(PipeSet::stdout_read),
                          pipes.take(PipeSet::stderr_read)};
    std::unique_ptr<Channel> channel =
        std::make_unique<StdioChannel>(loop, runtime.stream_resources(), std::move(*child), ours, options);
    co_return std::move(channel);
}

}  // namespace haive::mcp
