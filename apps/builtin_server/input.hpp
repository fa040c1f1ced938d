#pragma once

#include "line_cutter.hpp"

namespace builtin {

/// stdin: one big read at a time, cut into lines.
class Input {
public:
    enum class Got { lines, nothing, end };

    Input() : block_(std::size_t{256} << 10, '\0') {}

    /// Reads once and hands over each line that is complete now.
    Got read(const std::function<void(std::string_view)>& on_line);

private:
    std::string block_;
    LineCutter cutter_;
};

}  // namespace builtin
