#include "support/fault_proxy.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace haive::mcp::testing {

namespace {

using Clock = std::chrono::steady_clock;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
}

int stream_socket(bool blocks) { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (blocks ? 0 : SOCK_NONBLOCK), 0); }

int connect_to(std::uint16_t port, bool blocks) {
    const int fd = stream_socket(blocks);
    const sockaddr_in address = loopback(port);
    const int done = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (done != 0 && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

void close_with_reset(int fd) {
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

}  // namespace

/// One connection: two sockets, and what is under way between them.
struct FaultProxy::Link {
    struct Way {
        Way(int source, int sink, const FaultyDirection& how) : from(source), to(sink), shaper(how) {}
        int from;
        int to;
        FaultShaper shaper;
        bool source_ended = false;
        bool sink_told = false;
        bool sink_full = false;
    };

    Link(int client, int server, const FaultPlan& told)
        : plan(told), up(client, server, told.up), down(server, client, told.down) {}
    ~Link() { end(false); }
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    void end(bool by_reset) {
        for (const int fd : {std::exchange(up.from, -1), std::exchange(up.to, -1)}) {
            if (fd < 0) continue;
            if (by_reset) close_with_reset(fd);
            if (!by_reset) close(fd);
        }
        down.from = down.to = -1;
    }
    [[nodiscard]] bool over() const { return up.from < 0; }

    void read(Way& way, Clock::time_point now) {
        std::array<char, 65536> block{};
        const ssize_t n = recv(way.from, block.data(), block.size(), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n < 0) return end(true);
        if (n == 0) {
            way.source_ended = true;
            return;
        }
        if (&way == &up && plan.close_on_next_request && down.shaper.total() > 0) return end(false);
        way.shaper.push(std::string_view(block.data(), static_cast<std::size_t>(n)), now);
    }

    /// Passes on what may pass now; one slice a round, so that slices do not stick together.
    void write(Way& way, std::atomic<std::uint64_t>& count, Clock::time_point now) {
        way.sink_full = false;
        const std::string_view bytes = way.shaper.ready(now);
        if (!bytes.empty()) {
            const ssize_t n = send(way.to, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (n < 0 && errno == EAGAIN) way.sink_full = true;
            if (n < 0 && errno != EAGAIN && errno != EINTR) return end(true);
            if (n > 0) {
                way.shaper.passed(static_cast<std::size_t>(n), now);
                count += static_cast<std::uint64_t>(n);
            }
        }
        if (way.shaper.cut()) return cut(way);
        if (way.source_ended && way.shaper.empty()) tell_end(way);
    }

    void cut(Way& way) {
        if (plan.cut == FaultPlan::Cut::close) return end(false);
        if (plan.cut == FaultPlan::Cut::reset) return end(true);
        if (plan.cut == FaultPlan::Cut::half_close) return tell_end(way);
        swallows = true;
    }

    void tell_end(Way& way) {
        if (!std::exchange(way.sink_told, true)) shutdown(way.to, SHUT_WR);
        if (up.sink_told && down.sink_told) end(false);
    }

    FaultPlan plan;
    Way up;
    Way down;
    bool swallows = false;
};

FaultProxy::FaultProxy(std::uint16_t target, Plan plan) : target_(target), plan_(std::move(plan)) {
    wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    listen_anew();
    thread_ = std::thread([this] { run(); });
}

FaultProxy::~FaultProxy() {
    on_the_thread([this] { ending_ = true; });
    thread_.join();
    drop_fillers();
    links_.clear();
    if (listener_ >= 0) close(listener_);
    close(wake_);
}

void FaultProxy::listen_anew() {
    if (listener_ >= 0) close(listener_);
    listener_ = stream_socket(false);
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address = loopback(port_);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, SOMAXCONN) != 0) {
        throw std::runtime_error("the proxy cannot listen");
    }
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
}

void FaultProxy::run() {
    while (!ending_) {
        wait_and_serve();
        std::erase_if(links_, [](const auto& each) { return each->over(); });
    }
}

int FaultProxy::wait_ms() const {
    const auto now = Clock::now();
    std::optional<Clock::time_point> first;
    for (const auto& link : links_) {
        for (const Link::Way* way : {&link->up, &link->down}) {
            const auto next = link->swallows || way->sink_full ? std::nullopt : way->shaper.next(now);
            if (next && (!first || *next < *first)) first = next;
        }
    }
    if (!first) return -1;
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*first - now).count());
}

void FaultProxy::wait_and_serve() {
    std::vector<pollfd> polled{{wake_, POLLIN, 0}, {accepting_ ? listener_ : -1, POLLIN, 0}};
    for (const auto& link : links_) {
        const Link::Way& up = link->up;
        const Link::Way& down = link->down;
        const auto events = [](const Link::Way& in, const Link::Way& out) {
            const bool reads = !in.source_ended && !in.shaper.full();
            return static_cast<short>((reads ? POLLIN : 0) | (out.sink_full ? POLLOUT : 0));
        };
        const short of_client = events(up, down);
        const short of_server = events(down, up);
        polled.push_back({link->swallows || of_client == 0 ? -1 : up.from, of_client, 0});
        polled.push_back({link->swallows || of_server == 0 ? -1 : down.from, of_server, 0});
    }
    poll(polled.data(), polled.size(), wait_ms());
    const auto now = Clock::now();
    for (std::size_t i = 0; i < links_.size(); ++i) {
        Link& link = *links_[i];
        constexpr int readable = POLLIN | POLLHUP | POLLERR;
        if (link.swallows) continue;
        if ((polled[2 + 2 * i].revents & readable) != 0) link.read(link.up, now);
        if (!link.over() && (polled[3 + 2 * i].revents & readable) != 0) link.read(link.down, now);
        if (!link.over()) link.write(link.up, up_, now);
        if (!link.over() && !link.swallows) link.write(link.down, down_, now);
    }
    if ((polled[1].revents & POLLIN) != 0) accept_one();
    if ((polled[0].revents & POLLIN) != 0) take_work();
}

void FaultProxy::accept_one() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const FaultPlan plan = plan_(accepted_++);
    const int server = connect_to(target_, true);
    if (server < 0) return close_with_reset(client);
    const int yes = 1;
    for (const int fd : {client, server}) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    links_.push_back(std::make_unique<Link>(client, server, plan));
}

void FaultProxy::on_the_thread(std::function<void()> work) {
    auto done = std::make_shared<std::promise<void>>();
    {
        const std::lock_guard lock(mutex_);
        work_.push_back([work = std::move(work), done] {
            work();
            done->set_value();
        });
    }
    const std::uint64_t one = 1;
    if (::write(wake_, &one, sizeof one) != sizeof one) throw std::runtime_error("the proxy does not wake");
    done->get_future().wait();
}

void FaultProxy::take_work() {
    std::uint64_t unused = 0;
    if (::read(wake_, &unused, sizeof unused) < 0) return;
    std::vector<std::function<void()>> work;
    {
        const std::lock_guard lock(mutex_);
        work.swap(work_);
    }
    for (const auto& each : work) each();
}

void FaultProxy::drop_fillers() {
    for (const int fd : fillers_) close_with_reset(fd);
    fillers_.clear();
}

void FaultProxy::refuse() {
    on_the_thread([this] {
        drop_fillers();
        close(std::exchange(listener_, -1));
        accepting_ = false;
    });
}

/// A queue of one, which connections of our own fill: the kernel drops what knocks after them.
void FaultProxy::stall() {
    on_the_thread([this] {
        constexpr int enough = 4;
        accepting_ = false;
        listen(listener_, 0);
        for (int i = 0; i < enough; ++i) fillers_.push_back(connect_to(port_, false));
    });
}

void FaultProxy::accept_again() {
    on_the_thread([this] {
        drop_fillers();
        listen_anew();
        accepting_ = true;
    });
}

void FaultProxy::swallow() {
    on_the_thread([this] {
        for (const auto& link : links_) link->swallows = true;
    });
}

void FaultProxy::reset_all() {
    on_the_thread([this] {
        for (const auto& link : links_) link->end(true);
    });
}

}  // namespace haive::mcp::testing
