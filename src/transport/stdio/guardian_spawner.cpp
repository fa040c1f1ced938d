#include "transport/stdio/guardian_spawner.hpp"

#include "transport/loop/descriptor.hpp"
#include "transport/loop/epoll_loop.hpp"
#include "transport/stdio/guardian/wire.hpp"
#include "transport/stdio/guardian_program.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace haive::mcp {

namespace {

using namespace guardian;

/// Everything that is text, in a memory file.
int payload_file(const SpawnRequest& request) {
    PayloadHead head{};
    head.argc = static_cast<std::uint32_t>(request.argv.size());
    head.envc = static_cast<std::uint32_t>(request.env.size());
    head.farewellc = static_cast<std::uint32_t>(request.farewell.size());
    std::string bytes(reinterpret_cast<const char*>(&head), sizeof head);
    const auto add = [&bytes](const std::string& text) { bytes.append(text.c_str(), text.size() + 1); };
    add(request.path);
    add(request.cwd);
    for (const auto& arg : request.argv) add(arg);
    for (const auto& variable : request.env) add(variable);
    for (const auto& arg : request.farewell) add(arg);
    const int file = memfd_create("mcp-spawn", MFD_CLOEXEC);
    if (file < 0) return -1;
    if (write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
        close(file);
        return -1;
    }
    return file;
}

/// The interpreter that a script asks for, or an empty text.
std::string interpreter_of(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line) || !line.starts_with("#!")) return {};
    const std::size_t start = line.find_first_not_of(" \t", 2);
    if (start == std::string::npos) return {};
    return line.substr(start, line.find_first_of(" \t\r", start) - start).substr(0, 200);
}

Error start_error(const SpawnRequest& request, int code, std::uint32_t stage) {
    const bool in_cwd = stage == static_cast<std::uint32_t>(Stage::chdir);
    std::string text =
        in_cwd ? "cannot enter the working directory '" + request.cwd + "': " : "cannot start '" + request.path + "': ";
    text += std::strerror(code);
    const bool no_interpreter = !in_cwd && code == ENOENT;  // the file itself was found before
    const std::string interpreter = no_interpreter ? interpreter_of(request.path) : std::string();
    if (!interpreter.empty()) text += " (its interpreter '" + interpreter + "' is missing)";
    const bool scarce = code == EAGAIN || code == EMFILE || code == ENFILE || code == ENOMEM;
    Error error(scarce ? ErrorKind::server_unavailable : ErrorKind::invalid_command, std::move(text));
    if (scarce) {
        error.set_mend("the system has no room for another process or file: close some servers or raise the limits");
    } else if (!interpreter.empty()) {
        error.set_mend("install " + interpreter +
                       ", or give another interpreter as the command and the file as an argument");
    } else if (code == ENOEXEC) {
        error.set_mend("the file is no program: give its interpreter as the command and the file as an argument");
    } else if (code == EACCES) {
        error.set_mend("make the file executable (chmod +x), or check the permissions of its folders");
    }
    return error;
}

}  // namespace

/// The connection to one guardian process, shared by the spawner and the handles of its children.
class GuardianLink : public std::enable_shared_from_this<GuardianLink> {
public:
    class Handle;

    GuardianLink(EpollLoop& loop, GuardianProgram program)
        : loop_(loop), program_(program), socket_(loop, program.socket) {}

    ~GuardianLink() {
        // Closing our end makes it end every child that is left; then it ends itself.
        socket_.close();
        reap_guardian(program_.pid);
    }

    void listen() {
        socket_.wait_readable([weak = weak_from_this()] {
            auto self = weak.lock();
            if (self) self->on_readable();
        });
    }
    [[nodiscard]] bool alive() const noexcept { return alive_; }
    void spawn(const SpawnRequest& request, ProcessSpawner::Started done);
    void command(Command what, std::uint64_t id, int signal) {
        if (!alive_) return;
        unsent_.push_back(ToGuardian{what, signal, id});
        if (unsent_.size() == 1) flush();
    }
    [[nodiscard]] EpollLoop& loop() noexcept { return loop_; }

private:
    friend class Handle;
    struct Pending {
        SpawnRequest request;
        ProcessSpawner::Started done;
    };

    bool send_request(std::uint64_t id, const SpawnRequest& request);
    /// Sends what waits, and goes on when there is room: the guardian may be busy telling us something.
    void flush();
    void on_readable();
    void on_report(const ToHost& report);
    void on_gone();

    EpollLoop& loop_;
    GuardianProgram program_;
    Descriptor socket_;
    bool alive_ = true;
    std::deque<ToGuardian> unsent_;  // commands; at most a few for each child
    std::uint64_t next_id_ = 1;
    std::map<std::uint64_t, Pending> starting_;
    std::map<std::uint64_t, Handle*> running_;
    std::map<std::uint64_t, UniqueFunction<void()>> releasing_;
};

class GuardianLink::Handle final : public ChildProcess {
public:
    Handle(std::shared_ptr<GuardianLink> link, std::uint64_t id, std::int64_t pid)
        : link_(std::move(link)), id_(id), pid_(pid) {
        link_->running_[id_] = this;
    }
    ~Handle() override {
        link_->running_.erase(id_);
        if (!released_) end_family();
    }
    void release(UniqueFunction<void()> done) override {
        released_ = true;
        if (link_->alive()) {
            link_->releasing_[id_] = std::move(done);
        } else {
            link_->loop().post(std::move(done));
        }
        end_family();
    }
    std::int64_t pid() const noexcept override { return pid_; }
    bool running() const noexcept override { return running_; }
    void signal_group(int signal) override {
        if (link_->alive()) {
            link_->command(Command::signal, id_, signal);
        } else {
            kill(static_cast<pid_t>(-pid_), signal);
        }
    }
    void ended(ProcessEnd how) {
        running_ = false;
        if (!on_exit) return;
        auto told = std::move(on_exit);
        told(how);
    }

private:
    void end_family() {
        if (link_->alive()) {
            link_->command(Command::release, id_, 0);
        } else {
            kill(static_cast<pid_t>(-pid_), SIGKILL);
        }
    }

    std::shared_ptr<GuardianLink> link_;
    std::uint64_t id_;
    std::int64_t pid_;
    bool running_ = true;
    bool released_ = false;
};

void GuardianLink::spawn(const SpawnRequest& request, ProcessSpawner::Started done) {
    const std::uint64_t id = next_id_++;
    if (!send_request(id, request)) {
        const int code = errno;
        loop_.post([request, code, done = std::move(done)]() mutable { done(start_error(request, code, 0)); });
        return;
    }
    starting_.emplace(id, Pending{request, std::move(done)});
}

bool GuardianLink::send_request(std::uint64_t id, const SpawnRequest& request) {
    const int payload = payload_file(request);
    if (payload < 0) return false;
    ToGuardian message{Command::spawn, 0, id};
    const std::array<int, 4> fds{payload, request.stdin_fd, request.stdout_fd, request.stderr_fd};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof fds)> control{};
    iovec piece{&message, sizeof message};
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fds);
    std::memcpy(CMSG_DATA(rights), fds.data(), sizeof fds);
    const ssize_t sent = sendmsg(socket_.native_handle(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
    const int code = errno;
    close(payload);
    errno = code;
    return sent == static_cast<ssize_t>(sizeof message);
}

void GuardianLink::flush() {
    while (alive_ && !unsent_.empty()) {
        const ssize_t sent =
            send(socket_.native_handle(), &unsent_.front(), sizeof(ToGuardian), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            socket_.wait_writable([weak = weak_from_this()] {
                if (auto self = weak.lock()) self->flush();
            });
            return;
        }
        unsent_.pop_front();  // sent, or the guardian is gone, which is told on the other way
    }
}

void GuardianLink::on_readable() {
    auto keep = shared_from_this();
    for (;;) {
        ToHost report{};
        const ssize_t got = recv(socket_.native_handle(), &report, sizeof report, MSG_DONTWAIT);
        if (got == static_cast<ssize_t>(sizeof report)) {
            on_report(report);
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            break;
        } else {
            on_gone();
            return;
        }
    }
    listen();
}

void GuardianLink::on_report(const ToHost& report) {
    if (report.report == Report::exited) {
        ProcessEnd how;
        (report.stage == 0 ? how.code : how.signal) = report.value;
        if (auto it = running_.find(report.id); it != running_.end()) it->second->ended(how);
        return;
    }
    if (report.report == Report::released) {
        if (auto node = releasing_.extract(report.id); !node.empty()) node.mapped()();
        return;
    }
    auto node = starting_.extract(report.id);
    if (node.empty()) return;
    Pending& pending = node.mapped();
    if (report.report == Report::spawned) {
        std::unique_ptr<ChildProcess> child = std::make_unique<Handle>(shared_from_this(), report.id, report.value);
        pending.done(std::move(child));
    } else {
        pending.done(start_error(pending.request, report.value, report.stage));
    }
}

/// The guardian died: its children die with it (parent-death signal); their groups are ended here.
void GuardianLink::on_gone() {
    alive_ = false;
    const auto running = running_;
    for (const auto& [id, handle] : running) {
        if (!running_.contains(id)) continue;
        handle->signal_group(SIGKILL);
        ProcessEnd how;
        how.unknown = true;
        handle->ended(how);
    }
    for (auto& [id, done] : std::exchange(releasing_, {})) done();
    auto starting = std::move(starting_);
    for (auto& [id, pending] : starting) {
        pending.done(Error(ErrorKind::server_unavailable, "the guardian process ended while it started the server"));
    }
}

namespace {

class GuardianSpawner final : public ProcessSpawner {
public:
    explicit GuardianSpawner(EpollLoop& loop) : loop_(loop) {}

    void spawn(const SpawnRequest& request, Started done) override {
        if (!link_ || !link_->alive()) {
            auto program = start_guardian_program();
            if (program.has_error()) {
                loop_.post([error = program.error(), done = std::move(done)]() mutable { done(error); });
                return;
            }
            link_ = std::make_shared<GuardianLink>(loop_, *program);
            link_->listen();
        }
        link_->spawn(request, std::move(done));
    }

private:
    EpollLoop& loop_;
    std::shared_ptr<GuardianLink> link_;
};

}  // namespace

std::unique_ptr<ProcessSpawner> make_guardian_spawner(Loop& loop) {
    auto* epoll = dynamic_cast<EpollLoop*>(&loop);
    if (epoll == nullptr) throw std::logic_error("haive::mcp: child processes need the runtime's own loop");
    return std::make_unique<GuardianSpawner>(*epoll);
}

}  // namespace haive::mcp
