#include "driver/bare.hpp"

#include <arpa/inet.h>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace haive::bench {

namespace {

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
        while (!bytes.empty()) {
            const ssize_t n = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (n <= 0) die("send");
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    std::size_t read(char* into, std::size_t size) const {
        const ssize_t n = recv(socket_, into, size, 0);
        if (n <= 0) die("recv");
        return static_cast<std::size_t>(n);
    }

private:
    int socket_;
};

/// What is left of an answer: its length is in its head.
class AnswerCount {
public:
    /// True when the answer is whole. One request is under way on a socket, so nothing follows.
    bool take(std::string_view bytes) {
        if (left_ == 0) {
            head_.append(bytes);
            const std::size_t end = head_.find("\r\n\r\n");
            if (end == std::string::npos) return false;
            const std::size_t length = head_.find("ontent-Length: ");
            if (length > end) die("an answer without its length");
            left_ = std::strtoul(head_.c_str() + length + 15, nullptr, 10) - (head_.size() - end - 4);
            head_.clear();
        } else {
            left_ -= bytes.size();
        }
        return left_ == 0;
    }

private:
    std::string head_;
    std::size_t left_ = 0;
};

/// The sample, with another text and the lengths that go with it.
class Request {
public:
    explicit Request(std::string_view sample) {
        const std::size_t body = sample.find("\r\n\r\n") + 4;
        const std::size_t text = sample.find("\"text\":\"", body) + 8;
        std::size_t end = text;
        while (std::isdigit(static_cast<unsigned char>(sample[end])) != 0 || sample[end] == 'x') ++end;
        std::size_t length = sample.find("ontent-Length: ");
        if (length > body) length = sample.find("ontent-length: ");
        if (length > body || sample[end] != '"') die("not a request of ours");
        length += 15;
        const std::size_t length_end = sample.find("\r\n", length);
        before_length_ = sample.substr(0, length);
        before_text_ = sample.substr(length_end, text - length_end);
        after_text_ = sample.substr(end);
        rest_of_body_ = sample.size() - body - (end - text);
    }
    void write(std::string& out, int number, std::size_t bytes) const {
        const std::string text = echo_text(number, bytes);
        out.clear();
        out += before_length_;
        out += std::to_string(rest_of_body_ + text.size());
        out += before_text_;
        out += text;
        out += after_text_;
    }

private:
    std::string before_length_;
    std::string before_text_;
    std::string after_text_;
    std::size_t rest_of_body_ = 0;
};

struct Line {
    std::unique_ptr<BareSocket> socket;
    AnswerCount answer;
    Meter::Clock::time_point sent;
};

void run(std::vector<Line>& lines, int epoll, const Request& request, const Cell& cell, int calls, Meter* meter) {
    std::vector<char> buffer(65536);
    std::vector<epoll_event> ready(lines.size());
    std::string out;
    int written = 0;
    int answered = 0;
    const auto send_one = [&](Line& line) {
        request.write(out, written++, cell.bytes);
        line.sent = Meter::Clock::now();
        line.socket->write(out);
    };
    for (std::size_t i = 0; i < lines.size() && written < calls; ++i) send_one(lines[i]);
    while (answered < calls) {
        const int n = epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), -1);
        for (int i = 0; i < n; ++i) {
            Line& line = lines[ready[static_cast<std::size_t>(i)].data.u32];
            const std::size_t got = line.socket->read(buffer.data(), buffer.size());
            if (!line.answer.take({buffer.data(), got})) continue;
            ++answered;
            if (meter != nullptr) meter->answered(line.sent);
            if (written < calls) send_one(line);
        }
    }
}

}  // namespace

std::string last_request(std::uint16_t port) {
    const BareSocket socket(port);
    socket.write("GET /last HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    std::string text;
    AnswerCount answer;
    char buffer[16384];
    for (bool whole = false; !whole;) {
        const std::string_view got(buffer, socket.read(buffer, sizeof buffer));
        text += got;
        whole = answer.take(got);
    }
    return text.substr(text.find("\r\n\r\n") + 4);
}

void bare_http(const std::vector<Cell>& cells, std::uint16_t port, std::string_view sample) {
    const Request request(sample);
    bool first = true;
    for (const Cell& cell : cells) {
        std::vector<Line> lines(static_cast<std::size_t>(cell.in_flight));
        const int epoll = epoll_create1(EPOLL_CLOEXEC);
        for (std::uint32_t i = 0; i < lines.size(); ++i) {
            lines[i].socket = std::make_unique<BareSocket>(port);
            epoll_event event{.events = EPOLLIN, .data = {.u32 = i}};
            epoll_ctl(epoll, EPOLL_CTL_ADD, lines[i].socket->descriptor(), &event);
        }
        if (std::exchange(first, false)) {
            run(lines, epoll, request, Cell{}, 1, nullptr);
            say_first();
        }
        run(lines, epoll, request, cell, cell.warm_up(), nullptr);
        Meter meter(cell);
        run(lines, epoll, request, cell, cell.calls, &meter);
        meter.print();
        close(epoll);
    }
}

}  // namespace haive::bench
