#include "cli/live_table.hpp"

#include <algorithm>
#include <cstdio>

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

std::string number_text(double value) { return std::to_string(static_cast<long long>(value)); }

}  // namespace

std::string LiveTable::row(const ConnectionInfo& info, std::size_t name_width) const {
    const auto& meta = info.metadata;
    std::string state(to_string(info.status));
    if (const double wait = number_in(meta, "next_attempt_in"); wait > 0) state += " in " + duration_text(wait);
    char score[16];
    std::snprintf(score, sizeof score, "%.2f", info.health_score);
    const bool up = info.status == ConnectionStatus::connected;
    const double rtt = number_in(meta, "round_trip");
    std::string plain = padded(fitted(info.name, name_width), name_width) + "  ";
    std::string line = plain + terminal_.paint(colour_of(info), padded(state, 22)) + "  " + padded(up ? score : "-", 5) +
                       "  " + padded(up && rtt > 0 ? duration_text(rtt) : "-", 8) + "  " +
                       padded(number_text(number_in(meta, "calls")), 6) + "  " +
                       padded(number_text(number_in(meta, "reconnects")), 10) + "  ";
    const std::size_t used = columns_of(plain) + 22 + 2 + 5 + 2 + 8 + 2 + 6 + 2 + 10 + 2;
    const std::size_t room = terminal_.width() > used + 10 ? terminal_.width() - used : 10;
    line += terminal_.paint(Colour::dim, fitted(first_line(info.last_error.value_or("")), room));
    return line;
}

void LiveTable::draw(const std::vector<const MCPConnection*>& connections, const std::string& footer) {
    std::vector<ConnectionInfo> infos;
    std::size_t name_width = 6;
    for (const auto* connection : connections) {
        infos.push_back(connection->get_info());
        name_width = std::max(name_width, std::min<std::size_t>(24, columns_of(infos.back().name)));
    }
    std::string out;
    if (drawn_ > 0) out += "\x1b[" + std::to_string(drawn_) + "A";
    const std::string header = padded("SERVER", name_width) + "  " + padded("STATE", 22) + "  SCORE  " +
                               padded("RTT", 8) + "  CALLS   RECONNECTS  LAST ERROR";
    out += "\r\x1b[K" + terminal_.paint(Colour::bold, fitted(header, terminal_.width())) + "\n";
    for (const auto& info : infos) out += "\r\x1b[K" + row(info, name_width) + "\n";
    out += "\r\x1b[K" + terminal_.paint(Colour::dim, fitted(footer, terminal_.width())) + "\n";
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
