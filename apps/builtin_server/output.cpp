#include "output.hpp"

#include "faults.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace builtin {

namespace {

constexpr std::size_t big = std::size_t{1} << 20;

}  // namespace

void Output::line(std::string_view json) {
    decorate(json, buffer_);
    if (buffer_.size() > big) flush();
}

void Output::decorate(std::string_view json, std::string& out) {
    if (switches_.bom && !started_) out += "\xef\xbb\xbf";
    started_ = true;
    if (switches_.ansi) out += "\x1b[32m";
    out += json;
    if (switches_.ansi) out += "\x1b[0m";
    out += switches_.crlf ? "\r\n" : "\n";
}

void Output::answer(std::string_view json, int code) {
    if (code == 0) return result(json);
    whole(json);
}

void Output::whole(std::string_view json) {
    noise();
    line(json);
    if (switches_.duplicate_answers) line(json);
}

void Output::result(std::string_view json) {
    ++results_;
    if (switches_.half_line || results_ == switches_.half_line_hang || results_ == switches_.half_line_die) {
        noise();
        half(json);
        if (switches_.duplicate_answers) line(json);
    } else {
        whole(json);
    }
}

void Output::noise() {
    if (switches_.junk) buffer_ += "listening on port 3000 (this line is no message)\n";
    if (switches_.nul) buffer_.append("\0\0\0\n", 4);
    if (switches_.unknown_answers) line(R"({"jsonrpc":"2.0","id":987654321,"result":{}})");
    for (int i = 0; i < switches_.notify_flood; ++i) {
        line(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"noise"}})");
    }
}

void Output::half(std::string_view json) {
    std::string text;
    decorate(json, text);
    buffer_ += std::string_view(text).substr(0, text.size() / 2);
    flush();
    if (results_ == switches_.half_line_die) die(switches_);
    while (results_ == switches_.half_line_hang) pause();
    poll(nullptr, 0, 50);
    buffer_ += std::string_view(text).substr(text.size() / 2);
}

void Output::flush() {
    if (!closed_ && !buffer_.empty()) sink_.write(buffer_);
    buffer_.clear();
    if (buffer_.capacity() > 4 * big) buffer_ = std::string();
}

void Output::close() {
    flush();
    if (!closed_) sink_.close();
    closed_ = true;
}

void StdoutSink::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (n > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (n < 0 && errno == EAGAIN) {
            pollfd room{STDOUT_FILENO, POLLOUT, 0};
            poll(&room, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            _exit(0);  // nobody listens any more
        }
    }
}

void StdoutSink::close() { ::close(STDOUT_FILENO); }

}  // namespace builtin
