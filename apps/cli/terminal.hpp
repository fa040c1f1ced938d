#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp::cli {

enum class Colour { none, red, green, yellow, blue, dim, bold };

/// What the screen can do: colours only on a terminal, not with NO_COLOR or --no-color.
class Terminal {
public:
    explicit Terminal(bool no_color);

    [[nodiscard]] bool out_is_terminal() const noexcept { return out_terminal_; }
    /// Whether pictures can be drawn on stdout: a terminal that can move its cursor.
    [[nodiscard]] bool can_draw() const noexcept { return out_terminal_ && !dumb_; }
    [[nodiscard]] bool err_is_terminal() const noexcept { return err_terminal_; }
    [[nodiscard]] bool err_has_colours() const noexcept { return err_colours_; }
    /// Columns of stdout's terminal; so many that nothing is cut off when it is none.
    [[nodiscard]] std::size_t width() const;
    /// The same of stderr.
    [[nodiscard]] std::size_t err_width() const;
    /// Lines of stdout's terminal.
    [[nodiscard]] std::size_t height() const;
    /// Whether stdout is a pipe that nobody reads any more.
    [[nodiscard]] bool reader_left() const;
    [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;
    /// A server's text for stdout: as it is in a pipe; on a terminal without the power to control it.
    [[nodiscard]] std::string harmless(std::string_view text) const;

private:
    bool out_terminal_;
    bool err_terminal_;
    bool dumb_;
    bool colours_;
    bool err_colours_;
};

/// `^[` for ESC and the like: a text that can neither control a terminal nor begin a line of a log. `except` are
/// control characters that stay.
[[nodiscard]] std::string without_controls(std::string_view text, std::string_view except = {});
/// Columns that a text takes: code points, not bytes.
[[nodiscard]] std::size_t columns_of(std::string_view text);
/// At most `columns` wide, with an ellipsis where it was cut; control characters made visible.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);
/// The lines that a text takes, each at most `columns` wide and broken between words; what a line continues begins
/// under its second column of text (`  because:    ...`).
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t columns);
[[nodiscard]] std::string padded(std::string text, std::size_t columns);
/// The first line, spaces trimmed.
[[nodiscard]] std::string first_line(std::string_view text);
/// `12 ms`, `1.3 s`, `4 min`: three digits at most.
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace haive::mcp::cli
