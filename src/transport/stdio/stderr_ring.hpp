#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace haive::mcp {

/// The last bytes a server wrote to stderr: bounded, allocated on the first byte. Loop thread only.
class StderrRing {
public:
    explicit StderrRing(std::size_t capacity) noexcept : capacity_(capacity) {}

    void add(std::string_view bytes);
    /// The last lines, at most `max_lines` and `max_bytes`, fit to be shown: control characters and bytes
    /// that are not UTF-8 are replaced.
    [[nodiscard]] std::string tail(std::size_t max_lines, std::size_t max_bytes) const;
    [[nodiscard]] std::size_t total() const noexcept { return total_; }

private:
    std::size_t capacity_;
    std::string bytes_;     // a ring once it is full
    std::size_t next_ = 0;  // where the next byte goes once full
    std::size_t total_ = 0;
};

/// Text of an untrusted peer made safe for a terminal and a log.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace haive::mcp
