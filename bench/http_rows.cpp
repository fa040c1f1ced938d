#include "http_rows.hpp"

#include "client_rows.hpp"

#include <haive/mcp/client.hpp>

#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace haive::bench {

using namespace haive::mcp;

namespace {

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::exit(1);
}

class BareSocket {
public:
    explicit BareSocket(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
        const int on = 1;
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    ~BareSocket() { close(socket_); }
    BareSocket(const BareSocket&) = delete;
    BareSocket& operator=(const BareSocket&) = delete;
    [[nodiscard]] int descriptor() const noexcept { return socket_; }
    void write(std::string_view bytes) const {
        if (send(socket_, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) die("send");
    }
    std::size_t read(char* into, std::size_t size) const {
        const ssize_t n = recv(socket_, into, size, 0);
        if (n <= 0) die("recv");
        return static_cast<std::size_t>(n);
    }

private:
    int socket_;
};

/// One request, and what came for it: the answer's end is found by its length.
std::string one_answer(const BareSocket& socket, std::string_view request) {
    socket.write(request);
    std::string text;
    char buffer[16384];
    for (;;) {
        text.append(buffer, socket.read(buffer, sizeof buffer));
        const std::size_t end = text.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        const std::size_t length = std::strtoul(text.c_str() + text.find("Content-Length: ") + 16, nullptr, 10);
        if (text.size() >= end + 4 + length) return text;
    }
}

ClientOptions client_of(HttpEra era) {
    ClientOptions options;
    options.era = era == HttpEra::legacy ? EraPreference::legacy : EraPreference::modern;
    return options;
}

HttpTransport transport_to(const HttpEcho& server) {
    HttpOptions options;
    options.ca_file = server.certificate();
    options.event_stream = false;
    return HttpTransport(server.url(), options);
}

}  // namespace

Sample bare_http_loop(const HttpEcho& server, int calls, int in_flight) {
    std::string request;
    std::size_t answer_size = 0;
    {
        const BareSocket first(server.port());
        const std::string last = one_answer(first, "GET /last HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        request = last.substr(last.find("\r\n\r\n") + 4);
        if (request.empty()) return {};
        answer_size = one_answer(first, request).size();
    }
    std::vector<std::unique_ptr<BareSocket>> sockets;
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < in_flight; ++i) {
        sockets.push_back(std::make_unique<BareSocket>(server.port()));
        epoll_event event{.events = EPOLLIN, .data = {.u32 = static_cast<std::uint32_t>(i)}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, sockets.back()->descriptor(), &event);
    }
    std::vector<std::size_t> got(sockets.size());
    std::vector<char> buffer(16384);
    std::vector<epoll_event> ready(sockets.size());
    const double cpu = cpu_now_us();
    const double wall = wall_now_us();
    int sent = 0;
    int answered = 0;
    for (const auto& socket : sockets) {
        socket->write(request);
        ++sent;
    }
    while (answered < calls) {
        const int n = epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), -1);
        for (int i = 0; i < n; ++i) {
            const std::uint32_t at = ready[static_cast<std::size_t>(i)].data.u32;
            got[at] += sockets[at]->read(buffer.data(), buffer.size());
            if (got[at] < answer_size) continue;
            got[at] = 0;
            ++answered;
            if (sent < calls) {
                sockets[at]->write(request);
                ++sent;
            }
        }
    }
    Sample sample;
    sample.cpu_us = (cpu_now_us() - cpu) / calls;
    sample.wall_us = (wall_now_us() - wall) / calls;
    close(epoll);
    return sample;
}

Sample http_client(const HttpEcho& server, HttpEra era, int calls, int in_flight) {
    auto runtime = Runtime::manual();
    auto client = runtime->run(MCPClient::open(transport_to(server), client_of(era), Seconds(10), runtime));
    const Sample sample = measure_calls(*runtime, client, calls, in_flight);
    runtime->run(client->close());
    return sample;
}

Sample http_connection(const HttpEcho& server, HttpEra era, int calls, int in_flight) {
    auto runtime = Runtime::manual();
    ConnectionOptions options;
    options.client = client_of(era);
    options.runtime = runtime;
    MCPConnection connection("echo", transport_to(server), std::move(options));
    runtime->run(connection.start_monitoring());
    auto client = runtime->run(connection.connect());
    const Sample sample = measure_calls(*runtime, client, calls, in_flight);
    runtime->run(connection.disconnect());
    return sample;
}

}  // namespace haive::bench
