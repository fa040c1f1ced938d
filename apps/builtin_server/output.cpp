#include "output.hpp"

#include "faults.hpp"

#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <unistd.h>

namespace builtin {

void Output::line(std::string_view json) {
    if (switches_.bom && !started_) buffer_ += "\xef\xbb\xbf";
    started_ = true;
    if (switches_.ansi) buffer_ += "\x1b[32m";
    buffer_ += json;
    buffer_ += switches_.crlf ? "\r\n" : "\n";
}

void Output::answer(std::string_view json) {
    ++answers_;
    if (switches_.junk) buffer_ += "listening on port 3000 (this line is no message)\n";
    if (switches_.nul) buffer_.append("\0\0\0\n", 4);
    if (switches_.unknown_answers) line(R"({"jsonrpc":"2.0","id":987654321,"result":{}})");
    for (int i = 0; i < switches_.notify_flood; ++i) {
        line(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"noise"}})");
    }
    if (switches_.half_line || answers_ == switches_.half_line_hang || answers_ == switches_.half_line_die) {
        half(json);
        return;
    }
    line(json);
    if (switches_.duplicate_answers) line(json);
}

void Output::half(std::string_view json) {
    buffer_ += json.substr(0, json.size() / 2);
    flush();
    if (answers_ == switches_.half_line_die) die(switches_);
    if (answers_ == switches_.half_line_hang) {
        for (;;) pause();
    }
    poll(nullptr, 0, 20);
    line(json.substr(json.size() / 2));
}

void Output::flush() {
    std::size_t sent = 0;
    while (!closed_ && sent < buffer_.size()) {
        const ssize_t n = write(STDOUT_FILENO, buffer_.data() + sent, buffer_.size() - sent);
        if (n > 0) {
            sent += static_cast<std::size_t>(n);
        } else if (n < 0 && errno == EAGAIN) {
            pollfd room{STDOUT_FILENO, POLLOUT, 0};
            poll(&room, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            std::exit(0);  // nobody listens any more
        }
    }
    buffer_.clear();
    if (buffer_.capacity() > (std::size_t{1} << 20)) buffer_ = std::string();
}

void Output::close() {
    flush();
    closed_ = true;
    ::close(STDOUT_FILENO);
}

}  // namespace builtin
