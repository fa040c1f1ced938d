#include "line_cutter.hpp"

#include <algorithm>

namespace builtin {

void LineCutter::feed(std::string_view bytes, const std::function<void(std::string_view)>& on_line) {
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
}

void LineCutter::keep(std::string_view piece) {
    partial_ += piece.substr(0, std::min(piece.size(), longest - partial_.size()));
}

}  // namespace builtin
