#pragma once

#include <chrono>
#include <string>
#include <termios.h>

namespace haive::mcp::cli {

enum class Key { none, up, down, explain, reconnect, quit, other };

/// Single keys from a terminal, without Enter and without an echo, while this lives. Ctrl-C stays what it is. Where
/// stdin is no terminal, no key ever comes.
class Keys {
public:
    Keys();
    ~Keys();
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;

    [[nodiscard]] bool usable() const noexcept { return usable_; }
    /// The next key, or none within `limit`.
    [[nodiscard]] Key next(std::chrono::milliseconds limit);

private:
    bool usable_;
    termios before_{};
    std::string typed_;
};

}  // namespace haive::mcp::cli
