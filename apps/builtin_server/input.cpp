#include "input.hpp"

#include <cerrno>
#include <unistd.h>

namespace builtin {

Input::Got Input::read(const std::function<void(std::string_view)>& on_line) {
    const ssize_t n = ::read(STDIN_FILENO, block_.data(), block_.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return Got::nothing;
    if (n <= 0) return Got::end;
    cutter_.feed(std::string_view(block_.data(), static_cast<std::size_t>(n)), on_line);
    return Got::lines;
}

}  // namespace builtin
