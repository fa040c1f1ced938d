#include "support/loopback_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace haive::mcp::testing {

namespace {

class PlainPeer : public Peer {
public:
    explicit PlainPeer(int socket) : socket_(socket) {}
    std::string read_some() override {
        std::string out(65536, '\0');
        const ssize_t n = recv(socket_, out.data(), out.size(), 0);
        out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return out;
    }
    bool write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t n = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }
    void close_write() override { shutdown(socket_, SHUT_WR); }
    [[nodiscard]] int descriptor() const noexcept override { return socket_; }

private:
    int socket_;
};

class TlsPeer final : public Peer {
public:
    TlsPeer(SSL_CTX* context, int socket) : socket_(socket), ssl_(SSL_new(context)) { SSL_set_fd(ssl_, socket); }
    ~TlsPeer() override { SSL_free(ssl_); }
    bool accept() { return SSL_accept(ssl_) == 1; }
    std::string read_some() override {
        std::string out(65536, '\0');
        const int n = SSL_read(ssl_, out.data(), static_cast<int>(out.size()));
        out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return out;
    }
    bool write(std::string_view bytes) override {
        return bytes.empty() || SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
    }
    void close_write() override { SSL_shutdown(ssl_); }
    void renew_keys() override {
        if (SSL_version(ssl_) == TLS1_3_VERSION) SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED);
    }
    [[nodiscard]] int descriptor() const noexcept override { return socket_; }
    [[nodiscard]] SSL* ssl() const noexcept { return ssl_; }

private:
    int socket_;
    SSL* ssl_;
};

}  // namespace

std::string Peer::read_request() {
    std::string& text = kept_;
    std::size_t end = std::string::npos;
    while ((end = text.find("\r\n\r\n")) == std::string::npos) {
        const std::string more = read_some();
        if (more.empty()) return {};
        text += more;
    }
    end += 4;
    std::size_t length = 0;
    const std::size_t at = text.find("Content-Length: ");
    if (at < end) length = std::strtoul(text.c_str() + at + 16, nullptr, 10);
    while (text.size() < end + length) {
        const std::string more = read_some();
        if (more.empty()) return {};
        text += more;
    }
    std::string request = text.substr(0, end + length);
    text.erase(0, end + length);
    return request;
}

std::size_t Peer::drain() {
    std::size_t sum = kept_.size();
    kept_.clear();
    for (;;) {
        const std::string more = read_some();
        if (more.empty()) return sum;
        sum += more.size();
    }
}

bool Peer::wait_for_close() { return read_some().empty(); }

LoopbackServer::LoopbackServer(Script script, LoopbackOptions options) : script_(std::move(script)), options_(options) {
    listener_ = socket(options_.ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (options_.receive_buffer > 0) {
        setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &options_.receive_buffer, sizeof options_.receive_buffer);
    }
    int failed = 0;
    if (options_.ipv6) {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_addr = in6addr_loopback;
        address.sin6_port = htons(options_.port);
        setsockopt(listener_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        failed = bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
        socklen_t size = sizeof address;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin6_port);
    } else {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(options_.port);
        failed = bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
        socklen_t size = sizeof address;
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    if (failed != 0 || listen(listener_, 128) != 0) throw std::runtime_error("cannot listen on the loopback");
    acceptor_ = std::thread([this] { accept_loop(); });
}

LoopbackServer::~LoopbackServer() {
    ending_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
        std::lock_guard lock(mutex_);
        for (const int one : open_) shutdown(one, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    close(listener_);
}

void LoopbackServer::accept_loop() {
    while (!ending_) {
        const int one = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (one < 0) return;
        const int index = accepted_++;
        std::lock_guard lock(mutex_);
        open_.push_back(one);
        threads_.emplace_back([this, one, index] { serve(one, index); });
    }
}

void LoopbackServer::serve(int one, int index) {
    if (options_.tls != nullptr) {
        TlsPeer peer(options_.tls, one);
        if (peer.accept()) script_(peer, index);
    } else {
        PlainPeer peer(one);
        script_(peer, index);
    }
    std::lock_guard lock(mutex_);
    std::erase(open_, one);
    close(one);
}

std::string answer(std::string_view body, std::string_view headers, int status) {
    std::string out = "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size());
    return out.append("\r\n").append(headers).append("\r\n").append(body);
}

void echo(Peer& peer, int /*index*/) {
    for (;;) {
        const std::string request = peer.read_request();
        if (request.empty()) return;
        if (!peer.write(answer(request.substr(request.find("\r\n\r\n") + 4)))) return;
    }
}

std::uint16_t closed_port() {
    const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(one, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(one, reinterpret_cast<sockaddr*>(&address), &size);
    close(one);
    return ntohs(address.sin_port);
}

}  // namespace haive::mcp::testing
