#include "cli/keys.hpp"

#include <poll.h>
#include <unistd.h>

namespace haive::mcp::cli {

Keys::Keys() : usable_(isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before_) == 0) {
    // In the background the terminal is somebody else's.
    if (usable_) usable_ = tcgetpgrp(STDIN_FILENO) == getpgrp();
    if (!usable_) return;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    usable_ = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

Keys::~Keys() {
    if (usable_) tcsetattr(STDIN_FILENO, TCSANOW, &before_);
}

Key Keys::next(std::chrono::milliseconds limit) {
    if (typed_.empty()) {
        pollfd in{usable_ ? STDIN_FILENO : -1, POLLIN, 0};
        if (poll(&in, 1, static_cast<int>(limit.count())) <= 0) return Key::none;
        char block[64];
        const ssize_t n = ::read(STDIN_FILENO, block, sizeof block);
        if (n <= 0) {
            usable_ = n < 0 && usable_;  // the terminal hung up: SIGHUP says so too
            return Key::none;
        }
        typed_.assign(block, static_cast<std::size_t>(n));
    }
    // Arrows come as three bytes in one read.
    for (const auto& [sequence, key] : {std::pair("\x1b[A", Key::up), std::pair("\x1bOA", Key::up),
                                        std::pair("\x1b[B", Key::down), std::pair("\x1bOB", Key::down)}) {
        if (!typed_.starts_with(sequence)) continue;
        typed_.erase(0, 3);
        return key;
    }
    const char c = typed_.front();
    typed_.erase(0, 1);
    switch (c) {
        case 'k': return Key::up;
        case 'j': return Key::down;
        case 'e':
        case '\n':
        case '\r': return Key::explain;
        case 'r': return Key::reconnect;
        case 'q': return Key::quit;
        case '\x1b': typed_.clear(); return Key::other;  // a sequence that means nothing here
        default: return Key::other;
    }
}

}  // namespace haive::mcp::cli
