#include "scrape_rows.hpp"

#include "haive/mcp/exporters/metrics_endpoint.hpp"
#include "support/filled_metrics.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace haive::bench {

namespace {

/// One whole answer: how many bytes came. Throws when it is not a good one.
std::size_t scrape(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::runtime_error("no socket");
    struct Closer {
        int fd;
        ~Closer() { ::close(fd); }
    } const closer{fd};
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    constexpr std::string_view request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    if (connect(fd, static_cast<sockaddr*>(static_cast<void*>(&to)), sizeof to) != 0 ||
        send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
        throw std::runtime_error("the endpoint cannot be reached");
    }
    static std::array<char, 256 << 10> bytes;
    std::size_t sum = 0;
    for (ssize_t n = 0; (n = recv(fd, bytes.data(), bytes.size(), 0)) != 0;) {
        if (n < 0) throw std::runtime_error("the answer broke off");
        const std::string_view head(bytes.data(), static_cast<std::size_t>(n));
        if (sum == 0 && !head.starts_with("HTTP/1.1 200 ")) throw std::runtime_error("the scrape was refused");
        sum += head.size();
    }
    return sum;
}

}  // namespace

ScrapeCost scrape_cost(int servers, int repetitions) {
    const mcp::testing::FilledMetrics filled(servers);
    auto endpoint = mcp::MetricsEndpoint::listen("127.0.0.1:0", filled.metrics);
    if (endpoint.has_error()) throw std::runtime_error(endpoint.error().summary());
    ScrapeCost out;
    out.bytes = scrape((*endpoint)->port());  // the first one warms up
    std::vector<double> times;
    for (int i = 0; i < repetitions; ++i) {
        const auto began = std::chrono::steady_clock::now();
        (void)scrape((*endpoint)->port());
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
    }
    std::ranges::sort(times);
    out.least_ms = times.front();
    out.median_ms = times[times.size() / 2];
    out.most_ms = times.back();
    return out;
}

}  // namespace haive::bench
