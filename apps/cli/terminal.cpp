#include "cli/terminal.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace haive::mcp::cli {

Terminal::Terminal(bool no_color)
    : out_terminal_(isatty(STDOUT_FILENO) != 0), err_terminal_(isatty(STDERR_FILENO) != 0) {
    const char* wish = std::getenv("NO_COLOR");
    const char* kind = std::getenv("TERM");
    dumb_ = kind != nullptr && std::string_view(kind) == "dumb";
    const bool wanted = !no_color && !dumb_ && (wish == nullptr || *wish == '\0');
    colours_ = out_terminal_ && wanted;
    err_colours_ = err_terminal_ && wanted;
}

namespace {

std::size_t width_of(int file, bool is_terminal) {
    winsize size{};
    if (!is_terminal) return 100'000;
    return ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

/// Bytes of the control character at the start of `text`, 0 when there is none. C1 controls count: some
/// terminals obey them.
std::size_t control_at(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x20 || first == 0x7f) return 1;
    if (first != 0xc2 || text.size() < 2) return 0;
    return (static_cast<unsigned char>(text[1]) & 0xe0U) == 0x80U ? 2 : 0;
}

}  // namespace

std::size_t Terminal::width() const { return width_of(STDOUT_FILENO, out_terminal_); }

std::size_t Terminal::err_width() const { return width_of(STDERR_FILENO, err_terminal_); }

std::size_t Terminal::height() const {
    winsize size{};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 5 ? size.ws_row : 24;
}

bool Terminal::reader_left() const {
    pollfd out{STDOUT_FILENO, POLLOUT, 0};
    return poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

std::string Terminal::harmless(std::string_view text) const {
    return out_terminal_ ? without_controls(text, "\n\t") : std::string(text);
}

std::string Terminal::paint(Colour colour, std::string_view text) const {
    if (!colours_ || colour == Colour::none) return std::string(text);
    constexpr std::array codes{"0", "31", "32", "33", "34", "2", "1"};
    return std::string("\x1b[") + codes[static_cast<std::size_t>(colour)] + "m" + std::string(text) + "\x1b[0m";
}

std::string without_controls(std::string_view text, std::string_view except) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t control = control_at(text.substr(i));
        if (control == 0 || except.find(text[i]) != std::string_view::npos) {
            out += text[i++];
        } else {
            out += control == 1 ? std::string{'^', static_cast<char>(text[i] ^ 0x40)} : std::string("^?");
            i += control;
        }
    }
    return out;
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
    return columns;
}

std::string fitted(std::string_view text, std::size_t columns) {
    std::string clean;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t control = control_at(text.substr(i));
        clean += control > 0 ? ' ' : text[i];
        i += std::max<std::size_t>(control, 1);
    }
    if (columns_of(clean) <= columns) return clean;
    if (columns == 0) return {};
    std::size_t bytes = 0;
    for (std::size_t seen = 0; bytes < clean.size(); ++bytes) {
        const bool starts = (static_cast<unsigned char>(clean[bytes]) & 0xc0U) != 0x80U;
        if (starts && ++seen == columns) break;
    }
    return clean.substr(0, bytes) + "\u2026";
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
    constexpr std::size_t longest_indent = 14;
    std::vector<std::string> out;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        std::string line = fitted(text.substr(from, end - from), end - from);  // without controls
        from = end + 1;
        // `  because:    it ended`: three words in, after the gap.
        const std::size_t word = std::min(line.find_first_not_of(' '), line.size());
        const std::size_t gap = line.find("  ", word);
        const std::size_t value = gap == std::string::npos ? word : line.find_first_not_of(' ', gap);
        const std::size_t indent = std::min({value, longest_indent, columns / 2});
        while (columns_of(line) > columns) {
            const std::string head = fitted(line, columns);  // its ellipsis stands where the next column would begin
            std::size_t cut = head.size() - std::string_view("\u2026").size();
            if (const std::size_t blank = line.rfind(' ', cut); blank != std::string::npos && blank > indent)
                cut = blank;
            out.push_back(line.substr(0, cut));
            const std::size_t next = std::min(line.find_first_not_of(' ', cut), line.size());
            line = std::string(indent, ' ') + line.substr(next);
        }
        out.push_back(fitted(line, columns));
    }
    return out;
}

std::string padded(std::string text, std::size_t columns) {
    const std::size_t have = columns_of(text);
    if (have < columns) text.append(columns - have, ' ');
    return text;
}

std::string first_line(std::string_view text) {
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return {};
    text.remove_prefix(start);
    text = text.substr(0, text.find_first_of("\r\n"));
    return std::string(text.substr(0, text.find_last_not_of(" \t") + 1));
}

std::string duration_text(double seconds) {
    std::array<char, 32> text{};
    // The limits are where rounding would reach a fourth digit.
    if (seconds < 0.0009995) {
        std::snprintf(text.data(), text.size(), "%.0f us", seconds * 1e6);
    } else if (seconds < 0.009995) {
        std::snprintf(text.data(), text.size(), "%.2f ms", seconds * 1e3);
    } else if (seconds < 0.9995) {
        std::snprintf(text.data(), text.size(), "%.0f ms", seconds * 1e3);
    } else if (seconds < 99.95) {
        std::snprintf(text.data(), text.size(), "%.1f s", seconds);
    } else if (seconds < 100 * 60 - 30) {
        std::snprintf(text.data(), text.size(), "%.0f min", seconds / 60);
    } else {
        std::snprintf(text.data(), text.size(), "%.0f h", seconds / 3600);
    }
    return text.data();
}

}  // namespace haive::mcp::cli
