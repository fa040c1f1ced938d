#include "support/plain_http.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <cerrno>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace haive::mcp::testing {

PlainHttp::PlainHttp(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        close(fd_);
        throw std::runtime_error("nobody listens");
    }
}

PlainHttp::~PlainHttp() { close(fd_); }

void PlainHttp::send_raw(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
}

void PlainHttp::send(std::string_view method, std::string_view path, const Headers& headers, std::string_view body) {
    std::string out = std::string(method) + " " + std::string(path) + " HTTP/1.1\r\n";
    const bool has_host = std::ranges::any_of(headers, [](const auto& each) { return each.first == "Host"; });
    if (!has_host) out += "Host: 127.0.0.1\r\n";
    for (const auto& [name, value] : headers) out += name + ": " + value + "\r\n";
    out += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    send_raw(out + std::string(body));
}

bool PlainHttp::more() {
    char block[65536];
    ssize_t n = 0;
    do n = recv(fd_, block, sizeof block, 0);
    while (n < 0 && errno == EINTR);  // a limit on the wait takes SA_RESTART away from recv: signal(7)
    if (n <= 0) return false;
    in_.append(block, static_cast<std::size_t>(n));
    return true;
}

std::string PlainHttp::read_until(std::string_view end) {
    std::size_t at = 0;
    while ((at = in_.find(end)) == std::string::npos) {
        if (!more()) return std::exchange(in_, {});
    }
    std::string out = in_.substr(0, at + end.size());
    in_.erase(0, out.size());
    return out;
}

PlainHttp::Answer PlainHttp::read_head() {
    const std::string head = read_until("\r\n\r\n");
    Answer out;
    if (head.size() < 12) return out;
    out.status = std::atoi(head.c_str() + 9);
    for (std::size_t at = head.find("\r\n") + 2; at + 2 < head.size();) {
        const std::size_t end = head.find("\r\n", at);
        const std::size_t colon = head.find(": ", at);
        std::string name = head.substr(at, colon - at);
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        out.headers[name] = head.substr(colon + 2, end - colon - 2);
        at = end + 2;
    }
    chunked_ = out.headers.contains("transfer-encoding");
    left_.reset();
    if (out.headers.contains("content-length")) left_ = std::stoul(out.headers["content-length"]);
    if (!chunked_ && !left_) left_ = 0;
    ended_ = !chunked_ && *left_ == 0;
    body_.clear();
    return out;
}

/// Takes what there is of the body. False when nothing came any more.
bool PlainHttp::take_body() {
    if (ended_) return false;
    if (chunked_) {
        const std::string line = read_until("\r\n");
        char* end = nullptr;
        const std::size_t size = std::strtoul(line.c_str(), &end, 16);
        if (end == line.c_str()) return false;
        while (in_.size() < size + 2) {
            if (!more()) return false;
        }
        body_ += in_.substr(0, size);
        in_.erase(0, size + 2);
        ended_ = size == 0;
        return true;
    }
    if (in_.empty() && !more()) return false;
    const std::size_t n = std::min(in_.size(), *left_);
    body_ += in_.substr(0, n);
    in_.erase(0, n);
    *left_ -= n;
    ended_ = *left_ == 0;
    return true;
}

PlainHttp::Answer PlainHttp::read() {
    Answer out = read_head();
    while (take_body()) {}
    out.body = body_;
    out.whole = ended_;
    return out;
}

std::optional<std::string> PlainHttp::next_event() {
    for (;;) {
        std::size_t end = 0;
        while ((end = body_.find("\n\n")) == std::string::npos) {
            if (!take_body()) return std::nullopt;
        }
        const std::string event = body_.substr(0, end + 1);
        body_.erase(0, end + 2);
        const auto field = [&](const std::string& name) -> std::string {
            const std::size_t at = event.starts_with(name) ? 0 : event.find("\n" + name);
            if (at == std::string::npos) return {};
            const std::size_t value = event.find(": ", at) + 2;
            return event.substr(value, event.find('\n', value) - value);
        };
        if (const std::string id = field("id: "); !id.empty()) last_id_ = id;
        if (std::string data = field("data: "); !data.empty()) return data;
    }
}

}  // namespace haive::mcp::testing
