#include "cli/live_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>

namespace haive::mcp::cli {

namespace {

Colour colour_of(const ConnectionInfo& info) {
    switch (info.status) {
        case ConnectionStatus::connected: return info.health_score >= 0.7 ? Colour::green : Colour::yellow;
        case ConnectionStatus::connecting:
        case ConnectionStatus::reconnecting: return Colour::yellow;
        case ConnectionStatus::error: return Colour::red;
        case ConnectionStatus::disconnected: return Colour::dim;
    }
    return Colour::none;
}

double number_in(const json::object& metadata, std::string_view key) {
    const auto* value = metadata.if_contains(key);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0.0;
}

constexpr std::size_t state_width = 22;  // `reconnecting in 12.3 s`
constexpr std::size_t rest_of_line = std::size_t(-1);
constexpr std::size_t least_rest = 12;

std::string number_text(double value) { return std::to_string(static_cast<long long>(value)); }

/// The last error without what the row says already: `server 'files': connect to npx ...: `.
std::string reason_of(const ConnectionInfo& info) {
    std::string text = first_line(info.last_error.value_or(""));
    if (text.starts_with("server '" + info.name + "': ")) text.erase(0, info.name.size() + 11);
    const std::string_view connecting = "connect to ";
    if (const auto cause = text.find(": "); text.starts_with(connecting) && cause != std::string::npos)
        text.erase(0, cause + 2);
    return text;
}

std::vector<ConnectionInfo> in_trouble_first(std::vector<ConnectionInfo> infos) {
    std::vector<ConnectionInfo> out;
    for (const bool fine : {false, true}) {
        std::ranges::copy_if(infos, std::back_inserter(out),
                             [&](const auto& info) { return (colour_of(info) == Colour::green) == fine; });
    }
    return out;
}

}  // namespace

std::vector<LiveTable::Cell> LiveTable::row(const ConnectionInfo& info, std::size_t name_width) const {
    const auto& meta = info.metadata;
    std::string state(to_string(info.status));
    if (const double wait = number_in(meta, "next_attempt_in"); wait > 0) state += " in " + duration_text(wait);
    std::array<char, 16> score{};
    std::snprintf(score.data(), score.size(), "%.2f", info.health_score);
    const bool up = info.status == ConnectionStatus::connected;
    const double rtt = number_in(meta, "round_trip");
    return {{info.name, name_width},
            {state, state_width, colour_of(info)},
            {up ? score.data() : "-", 5},
            {up && rtt > 0 ? duration_text(rtt) : "-", 7},
            {number_text(number_in(meta, "calls")), 6},
            {number_text(number_in(meta, "reconnects")), 10},
            {reason_of(info), rest_of_line, Colour::dim}};
}

/// As many cells as there is room for; the last takes what is left.
std::string LiveTable::line(const std::vector<Cell>& cells, bool is_header) const {
    std::string out;
    std::size_t room = terminal_.width();
    for (const auto& cell : cells) {
        const std::size_t gap = out.empty() ? 0 : 2;
        if (room < gap + (cell.width == rest_of_line ? least_rest : cell.width)) break;
        const std::size_t width = cell.width == rest_of_line ? room - gap : cell.width;
        std::string text = fitted(cell.text, width);
        if (cell.width != rest_of_line) text = padded(std::move(text), width);
        out += std::string(gap, ' ') + terminal_.paint(is_header ? Colour::bold : cell.colour, text);
        room -= gap + width;
    }
    return out;
}

void LiveTable::draw(const std::vector<const MCPConnection*>& connections, const std::string& footer) {
    std::vector<ConnectionInfo> infos;
    std::size_t name_width = 6;
    for (const auto* connection : connections) {
        infos.push_back(connection->get_info());
        name_width = std::max(name_width, std::min<std::size_t>(24, columns_of(infos.back().name)));
    }
    std::string tail = footer;
    if (const std::size_t most = terminal_.height() - 3; infos.size() > most) {
        infos = in_trouble_first(std::move(infos));
        tail = "and " + std::to_string(infos.size() - most) + " more; " + footer;
        infos.resize(most);
    }
    std::string out;
    if (drawn_ > 0) out += "\x1b[" + std::to_string(drawn_) + "A";
    out += "\r\x1b[K" +
           line({{"SERVER", name_width},
                 {"STATE", state_width},
                 {"SCORE", 5},
                 {"RTT", 7},
                 {"CALLS", 6},
                 {"RECONNECTS", 10},
                 {"LAST ERROR", rest_of_line}},
                true) +
           "\n";
    for (const auto& info : infos) out += "\r\x1b[K" + line(row(info, name_width), false) + "\n";
    out += "\r\x1b[K" + terminal_.paint(Colour::dim, fitted(tail, terminal_.width())) + "\n\x1b[J";
    drawn_ = infos.size() + 2;
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
}

void LiveTable::clear() {
    if (drawn_ == 0) return;
    std::printf("\x1b[%zuA\x1b[J", drawn_);
    drawn_ = 0;
}

}  // namespace haive::mcp::cli
