#include "haive/mcp/exporters/metrics_endpoint.hpp"

#include "exporters/accept_plan.hpp"
#include "exporters/listen_address.hpp"
#include "exporters/scrape_answer.hpp"
#include "haive/mcp/exporters/prometheus_text.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace haive::mcp {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t most_clients = 16;
constexpr std::size_t longest_head = 8192;
constexpr auto patience = std::chrono::seconds(5);

/// A file descriptor that closes itself.
class Handle {
public:
    explicit Handle(int fd = -1) noexcept : fd_(fd) {}
    Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Handle() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

struct Client {
    Handle socket;
    Clock::time_point until;
    std::string head;
    std::string answer;
    std::size_t written = 0;
};

Error refusal(std::string_view address, const std::string& why) {
    Error error(ErrorKind::invalid_config, "metrics cannot be served on '" + std::string(address) + "': " + why);
    error.set_mend("give an address of this machine and a free port, as in 127.0.0.1:9464");
    return error;
}

Result<Handle> listening(std::string_view text, const ListenAddress& address) {
    addrinfo hints{};
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int code = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found); code != 0) {
        return refusal(text, gai_strerror(code));
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, freeaddrinfo);
    int why = 0;
    for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
        Handle socket(::socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol));
        const int on = 1;
        if (socket.get() >= 0 && setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
            bind(socket.get(), a->ai_addr, a->ai_addrlen) == 0 && ::listen(socket.get(), 64) == 0) {
            return socket;
        }
        why = errno;
    }
    return refusal(text, std::strerror(why));
}

std::uint16_t port_of(int socket) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    std::array<char, 16> service{};
    auto* address = static_cast<sockaddr*>(static_cast<void*>(&name));
    if (getsockname(socket, address, &size) != 0) return 0;
    if (getnameinfo(address, size, nullptr, 0, service.data(), service.size(), NI_NUMERICSERV) != 0) return 0;
    return static_cast<std::uint16_t>(std::strtoul(service.data(), nullptr, 10));
}

bool would_block() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

struct MetricsEndpoint::Impl {
    Handle listener;
    Handle stop;
    std::shared_ptr<const Metrics> metrics;
    std::string url;
    std::uint16_t port = 0;
    std::vector<Client> clients;
    AcceptPlan accepting;
    std::thread thread;

    void run() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        pthread_setname_np(pthread_self(), "haive-metrics");
        std::vector<pollfd> polled;
        for (;;) {
            polled.assign({{stop.get(), POLLIN, 0}});
            for (const Client& c : clients) {
                polled.push_back({c.socket.get(), static_cast<short>(c.answer.empty() ? POLLIN : POLLOUT), 0});
            }
            // With all places taken, newcomers wait in the kernel.
            const auto rest = accepting.rest(Clock::now());
            const bool room = clients.size() < most_clients && !rest;
            if (room) polled.push_back({listener.get(), POLLIN, 0});
            int limit = clients.empty() ? -1 : 500;
            if (rest) limit = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*rest).count());
            (void)poll(polled.data(), polled.size(), limit);
            if (polled[0].revents != 0) return;
            const auto now = Clock::now();
            for (std::size_t i = 0; i < clients.size(); ++i) {
                const bool done = polled[i + 1].revents != 0 && !serve(clients[i]);
                if (done || now > clients[i].until) clients[i].head.clear(), clients[i].socket = Handle();
            }
            const bool newcomer = room && polled.back().revents != 0;
            std::erase_if(clients, [](const Client& c) { return c.socket.get() < 0; });
            if (newcomer) admit(now);
        }
    }
    void admit(Clock::time_point now) {
        Handle socket(accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket.get() < 0) return accepting.failed(errno, now);
        Client client;
        client.socket = std::move(socket);
        client.until = now + patience;
        clients.push_back(std::move(client));
    }
    /// False when the client is done with.
    [[nodiscard]] bool serve(Client& c) const {
        if (c.answer.empty()) {
            std::array<char, 2048> bytes{};
            const ssize_t n = recv(c.socket.get(), bytes.data(), bytes.size(), 0);
            if (n <= 0) return n < 0 && would_block();
            c.head.append(bytes.data(), static_cast<std::size_t>(n));
            const std::size_t end = c.head.find("\r\n\r\n");
            if (end == std::string::npos) return c.head.size() <= longest_head;
            c.answer = scrape_answer(std::string_view(c.head).substr(0, end + 4),
                                     [this] { return prometheus_text(*metrics); });
        }
        while (c.written < c.answer.size()) {
            const ssize_t n = send(c.socket.get(), c.answer.data() + c.written, c.answer.size() - c.written,
                                   MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0) return would_block();
            c.written += static_cast<std::size_t>(n);
        }
        shutdown(c.socket.get(), SHUT_WR);
        return false;
    }
};

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MetricsEndpoint::~MetricsEndpoint() {
    const std::uint64_t one = 1;
    while (::write(impl_->stop.get(), &one, sizeof one) < 0 && errno == EINTR) {}
    impl_->thread.join();
}

Result<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::listen(std::string_view address,
                                                                 std::shared_ptr<const Metrics> metrics) {
    const auto parsed = parse_listen_address(address);
    if (!parsed) return refusal(address, "it is none of PORT, HOST:PORT and [V6]:PORT");
    auto socket = listening(address, *parsed);
    if (socket.has_error()) return socket.error();
    auto impl = std::make_unique<Impl>();
    impl->listener = std::move(*socket);
    impl->stop = Handle(eventfd(0, EFD_CLOEXEC));
    if (impl->stop.get() < 0) return refusal(address, std::strerror(errno));
    impl->metrics = std::move(metrics);
    impl->port = port_of(impl->listener.get());
    const bool v6 = parsed->host.find(':') != std::string::npos;
    impl->url =
        "http://" + (v6 ? '[' + parsed->host + ']' : parsed->host) + ':' + std::to_string(impl->port) + "/metrics";
    impl->thread = std::thread([raw = impl.get()] { raw->run(); });
    return std::unique_ptr<MetricsEndpoint>(new MetricsEndpoint(std::move(impl)));
}

std::uint16_t MetricsEndpoint::port() const noexcept { return impl_->port; }
const std::string& MetricsEndpoint::url() const noexcept { return impl_->url; }

}  // namespace haive::mcp
