#include "cli/terminal.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace haive::mcp::cli {

Terminal::Terminal(bool no_color)
    : out_terminal_(isatty(STDOUT_FILENO) != 0), err_terminal_(isatty(STDERR_FILENO) != 0) {
    const char* wish = std::getenv("NO_COLOR");
    const char* kind = std::getenv("TERM");
    const bool dumb = kind != nullptr && std::string_view(kind) == "dumb";
    colours_ = out_terminal_ && !no_color && !dumb && (wish == nullptr || *wish == '\0');
}

std::size_t Terminal::width() const {
    winsize size{};
    if (out_terminal_ && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col;
    return 100;
}

std::string Terminal::paint(Colour colour, std::string_view text) const {
    if (!colours_ || colour == Colour::none) return std::string(text);
    constexpr std::array codes{"0", "31", "32", "33", "34", "2", "1"};
    return std::string("\x1b[") + codes[static_cast<std::size_t>(colour)] + "m" + std::string(text) + "\x1b[0m";
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
    return columns;
}

std::string fitted(std::string_view text, std::size_t columns) {
    std::string clean;
    for (const char c : text) clean += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    if (columns_of(clean) <= columns) return clean;
    if (columns == 0) return {};
    std::size_t bytes = 0;
    for (std::size_t seen = 0; bytes < clean.size(); ++bytes) {
        const bool starts = (static_cast<unsigned char>(clean[bytes]) & 0xc0U) != 0x80U;
        if (starts && ++seen == columns) break;
    }
    return clean.substr(0, bytes) + "\u2026";
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
    if (seconds < 0.001) {
        std::snprintf(text.data(), text.size(), "%.0f us", seconds * 1e6);
    } else if (seconds < 0.01) {
        std::snprintf(text.data(), text.size(), "%.2f ms", seconds * 1e3);
    } else if (seconds < 1) {
        std::snprintf(text.data(), text.size(), "%.0f ms", seconds * 1e3);
    } else if (seconds < 100) {
        std::snprintf(text.data(), text.size(), "%.1f s", seconds);
    } else {
        std::snprintf(text.data(), text.size(), "%.0f m", seconds / 60);
    }
    return text.data();
}

}  // namespace haive::mcp::cli
