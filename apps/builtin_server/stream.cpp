#include "stream.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace builtin {

namespace {

constexpr std::size_t most_unsent = std::size_t{64} << 20;
constexpr std::uint32_t reads = EPOLLIN | EPOLLRDHUP;

}  // namespace

Stream::~Stream() { drop(); }

void Stream::start(std::function<void(std::string_view)> on_bytes, std::function<void()> on_end) {
    on_bytes_ = std::move(on_bytes);
    on_end_ = std::move(on_end);
    loop_.watch(fd_, reads, [self = shared_from_this()](std::uint32_t events) { self->on_event(events); });
}

void Stream::on_event(std::uint32_t events) {
    const auto self = shared_from_this();
    if ((events & EPOLLOUT) != 0) send();
    if (fd_ >= 0 && (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) read();
}

void Stream::read() {
    static std::array<char, std::size_t{256} << 10> block;
    const ssize_t n = recv(fd_, block.data(), block.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return end();
    if (closing_ || !on_bytes_) return;  // what comes after the end is not read by anybody
    const auto on_bytes = on_bytes_;     // it may close us
    on_bytes(std::string_view(block.data(), static_cast<std::size_t>(n)));
}

void Stream::end() {
    if (fd_ < 0) return;
    const auto self = weak_from_this().lock();
    const auto on_end = std::move(on_end_);
    on_end_ = nullptr;
    if (!closing_ && on_end) on_end();
    // What was answered is still sent: a client may close its side after its last request.
    if (sent_ == unsent_.size()) return drop();
    closing_ = true;
    on_bytes_ = nullptr;
    if (fd_ >= 0) loop_.change(fd_, EPOLLOUT);
}

void Stream::write(std::string_view bytes) {
    if (fd_ < 0 || closing_) return;
    if (unsent_.size() - sent_ > most_unsent) return reset();  // one message of any size is taken, a heap of them not
    unsent_ += bytes;
    if (!waits_for_room_) send();
}

void Stream::send() {
    while (sent_ < unsent_.size()) {
        const ssize_t n = ::send(fd_, unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) {
            if (!waits_for_room_) loop_.change(fd_, closing_ ? EPOLLOUT : reads | EPOLLOUT);
            waits_for_room_ = true;
            return;
        }
        if (n < 0) {
            sent_ = unsent_.size();
            return end();
        }
        sent_ += static_cast<std::size_t>(n);
    }
    unsent_.clear();
    sent_ = 0;
    if (unsent_.capacity() > (std::size_t{4} << 20)) unsent_ = std::string();
    if (closing_) return drop();
    if (waits_for_room_) loop_.change(fd_, reads);
    waits_for_room_ = false;
}

void Stream::close() {
    if (fd_ < 0 || closing_) return;
    const auto self = weak_from_this().lock();
    closing_ = true;
    on_end_ = nullptr;
    on_bytes_ = nullptr;
    if (sent_ == unsent_.size()) drop();
}

void Stream::reset() {
    if (fd_ < 0) return;
    const auto self = weak_from_this().lock();
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    sent_ = unsent_.size();
    end();
}

void Stream::drop() {
    if (fd_ < 0) return;
    const int fd = fd_;
    fd_ = -1;
    on_bytes_ = nullptr;
    on_end_ = nullptr;
    shutdown(fd, SHUT_WR);
    loop_.forget(fd);
    ::close(fd);
}

Listener::Listener(Loop& loop, int fd, std::function<void(StreamPtr)> on_accept)
    : loop_(loop), fd_(fd), on_accept_(std::move(on_accept)) {
    loop_.watch(fd_, EPOLLIN, [this](std::uint32_t) { accept_all(); });
}

Listener::~Listener() {
    loop_.forget(fd_);
    close(fd_);
    if (!path_.empty()) unlink(path_.c_str());
}

std::unique_ptr<Listener> Listener::tcp(Loop& loop, const std::string& where,
                                        std::function<void(StreamPtr)> on_accept) {
    const std::size_t colon = where.rfind(':');
    std::string host = colon == std::string::npos ? "127.0.0.1" : where.substr(0, colon);
    const std::string port = colon == std::string::npos ? where : where.substr(colon + 1);
    const bool six = host == "[::1]" || host == "::1";
    if (!six && host != "127.0.0.1" && host != "localhost") {
        throw std::runtime_error(host + " is not this machine's loopback");
    }
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos ||
        std::stoi(port) > 65535) {
        throw std::runtime_error(port + " is no port");
    }
    const auto number = htons(static_cast<std::uint16_t>(std::stoi(port)));
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = number;
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr_in6 sixth{};
    sixth.sin6_family = AF_INET6;
    sixth.sin6_port = number;
    sixth.sin6_addr = in6addr_loopback;
    auto* address = six ? reinterpret_cast<sockaddr*>(&sixth) : reinterpret_cast<sockaddr*>(&four);
    socklen_t size = six ? sizeof sixth : sizeof four;
    const int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, address, size) != 0 || listen(fd, SOMAXCONN) != 0) {
        const std::string why = std::strerror(errno);
        close(fd);
        throw std::runtime_error("cannot listen on port " + port + ": " + why);
    }
    getsockname(fd, address, &size);
    auto out = std::unique_ptr<Listener>(new Listener(loop, fd, std::move(on_accept)));
    const int bound = ntohs(six ? sixth.sin6_port : four.sin_port);
    out->address_ = (six ? "[::1]:" : "127.0.0.1:") + std::to_string(bound);
    return out;
}

std::unique_ptr<Listener> Listener::unix_path(Loop& loop, const std::string& path,
                                              std::function<void(StreamPtr)> on_accept) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) throw std::runtime_error("the path is too long");
    path.copy(address.sun_path, path.size());
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool answers = connect(probe, generic, sizeof address) == 0;
    const bool dead = !answers && errno == ECONNREFUSED;
    close(probe);
    if (answers) throw std::runtime_error("somebody listens there already");
    if (dead) unlink(path.c_str());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(fd, generic, sizeof address) != 0 || listen(fd, SOMAXCONN) != 0) {
        const std::string why = std::strerror(errno);
        close(fd);
        throw std::runtime_error("cannot listen there: " + why);
    }
    auto out = std::unique_ptr<Listener>(new Listener(loop, fd, std::move(on_accept)));
    out->address_ = out->path_ = path;
    return out;
}

void Listener::accept_all() {
    for (;;) {
        const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) return;
        const int yes = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        on_accept_(std::make_shared<Stream>(loop_, fd));
    }
}

}  // namespace builtin
