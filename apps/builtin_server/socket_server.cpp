#include "socket_server.hpp"

#include "http_server.hpp"
#include "line_server.hpp"
#include "loop.hpp"
#include "sse_server.hpp"
#include "websocket_server.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace builtin {

namespace {

/// Some are kept for listeners, files and children.
std::size_t most_open() {
    constexpr rlim_t kept = 124;
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur <= 2 * kept) return kept;
    return static_cast<std::size_t>(files.rlim_cur - kept);
}

class SocketServer {
public:
    SocketServer(const Switches& switches, int argc, char** argv)
        : world_(switches, argc, argv), loop_(world_.timers), http_(world_), sse_(world_) {}
    ~SocketServer();
    SocketServer(const SocketServer&) = delete;
    SocketServer& operator=(const SocketServer&) = delete;

    void listen();
    void run();

private:
    using Serve = std::function<void(StreamPtr)>;
    /// The same, with the connection noted down.
    [[nodiscard]] Serve noted(Serve serve);
    void announce(std::unique_ptr<Listener> listener, const char* before, const char* after);
    void watch_signals();
    void watch_stdin();
    void on_stdin();

    World world_;
    Loop loop_;
    HttpServer http_;
    SseServer sse_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::vector<std::weak_ptr<Stream>> streams_;  // all that may be open
    std::string addresses_;
    int signals_ = -1;
};

SocketServer::~SocketServer() {
    listeners_.clear();
    world_.end_listening(false);
    for (const auto& each : streams_) {
        if (const StreamPtr stream = each.lock()) stream->hang_up();
    }
    http_.close();
    sse_.close();
    loop_.forget_all();
    if (signals_ >= 0) close(signals_);
}

SocketServer::Serve SocketServer::noted(Serve serve) {
    return [this, serve = std::move(serve)](StreamPtr stream) {
        std::erase_if(streams_, [](const auto& each) { return each.expired(); });
        if (streams_.size() >= most_open()) return;  // it closes: better than to run out of descriptors
        streams_.push_back(stream);
        serve(std::move(stream));
    };
}

void SocketServer::announce(std::unique_ptr<Listener> listener, const char* before, const char* after) {
    addresses_ += std::string("listening on ") + before + listener->address() + after + "\n";
    listeners_.push_back(std::move(listener));
}

void SocketServer::listen() {
    const Switches& told = world_.switches;
    const Serve http = noted([this](StreamPtr stream) { http_.serve(std::move(stream)); });
    const Serve sse = noted([this](StreamPtr stream) { sse_.serve(std::move(stream)); });
    const Serve lines = noted([this](StreamPtr stream) { serve_lines(world_, std::move(stream)); });
    const Serve websocket = noted([this](const StreamPtr& stream) { serve_websocket(world_, stream); });
    if (!told.http.empty()) announce(Listener::tcp(loop_, told.http, http), "http://", "/mcp");
    if (!told.sse.empty()) announce(Listener::tcp(loop_, told.sse, sse), "http://", "/sse");
    if (!told.tcp.empty()) announce(Listener::tcp(loop_, told.tcp, lines), "tcp://", "");
    if (!told.websocket.empty()) announce(Listener::tcp(loop_, told.websocket, websocket), "ws://", "/mcp");
    if (!told.unix_path.empty()) announce(Listener::unix_path(loop_, told.unix_path, lines), "unix:", "");
}

void SocketServer::watch_signals() {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    if (!world_.switches.ignore_term) sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    signals_ = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    loop_.watch(signals_, EPOLLIN, [this](std::uint32_t) { loop_.stop(); });
}

/// A file or /dev/null, which epoll does not take, is at its end for us.
void SocketServer::watch_stdin() {
    if (!world_.switches.until_eof) return;
    struct stat what{};
    const bool waits = fstat(STDIN_FILENO, &what) == 0 &&
                       (S_ISFIFO(what.st_mode) || S_ISSOCK(what.st_mode) || isatty(STDIN_FILENO) == 1);
    if (!waits) return loop_.stop();
    loop_.watch(STDIN_FILENO, EPOLLIN | EPOLLHUP, [this](std::uint32_t) { on_stdin(); });
}

void SocketServer::on_stdin() {
    std::array<char, 4096> unused{};
    if (read(STDIN_FILENO, unused.data(), unused.size()) <= 0) loop_.stop();
}

void SocketServer::run() {
    watch_signals();
    watch_stdin();
    std::fputs(addresses_.c_str(), stdout);
    std::fflush(stdout);
    loop_.run([this] { world_.take_waiting(); });
}

}  // namespace

bool wants_sockets(const Switches& switches) {
    return !switches.http.empty() || !switches.sse.empty() || !switches.tcp.empty() || !switches.websocket.empty() ||
           !switches.unix_path.empty();
}

int serve_sockets(const Switches& switches, int argc, char** argv) {
    try {
        SocketServer server(switches, argc, argv);
        server.listen();
        server.run();
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "haive-mcp-server: %s\n", e.what());
        return 2;
    }
}

}  // namespace builtin
