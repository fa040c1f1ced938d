#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace builtin {

/// Cuts what comes into lines.
class LineCutter {
public:
    /// Hands over each line that is complete now, without its end. A line that is too long to be one comes
    /// as its first bytes only: it is no JSON then.
    void feed(std::string_view bytes, const std::function<void(std::string_view)>& on_line);

private:
    void keep(std::string_view piece);

    static constexpr std::size_t longest = std::size_t{256} << 20;

    std::string partial_;  // the start of a line that goes on
};

}  // namespace builtin
