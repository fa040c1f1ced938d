#include "input.hpp"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace builtin {

Input::Got Input::read(const std::function<void(std::string_view)>& on_line) {
    const ssize_t n = ::read(STDIN_FILENO, block_.data(), block_.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return Got::nothing;
    if (n <= 0) return Got::end;
    std::string_view bytes(block_.data(), static_cast<std::size_t>(n));
    for (std::size_t end; (end = bytes.find('\n')) != std::string_view::npos; bytes.remove_prefix(end + 1)) {
        std::string_view line = bytes.substr(0, end);
        if (!partial_.empty()) {
            keep(line);
            line = partial_;
        }
        if (line.ends_with('\r')) line.remove_suffix(1);
        on_line(line);
        partial_.clear();
    }
    keep(bytes);
    if (partial_.empty() && partial_.capacity() > (std::size_t{4} << 20)) partial_ = std::string();
    return Got::lines;
}

void Input::keep(std::string_view piece) {
    partial_ += piece.substr(0, std::min(piece.size(), longest - partial_.size()));
}

}  // namespace builtin
