#include "cli/fleet_view.hpp"

#include "cli/trouble_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace haive::mcp::cli {

namespace {

constexpr std::size_t rest_of_line = static_cast<std::size_t>(-1);
constexpr std::size_t least_rest = 10;
constexpr std::size_t state_width = 15;  // `retry in 187 ms`
constexpr std::size_t bar_cells = 5;
constexpr std::size_t spark_cells = 8;
constexpr double healthy = 0.7;
constexpr double away = -1;                   // in place of a latency
constexpr std::size_t room_for_reasons = 50;  // with less, reasons take the place of numbers that there are not

double number_in(const json::object& metadata, std::string_view key) {
    const auto* value = metadata.if_contains(key);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0.0;
}

Colour colour_of(const UpstreamInfo& info) {
    switch (info.connection.status) {
        case ConnectionStatus::connected: return info.health.score >= healthy ? Colour::green : Colour::yellow;
        case ConnectionStatus::connecting:
        case ConnectionStatus::reconnecting: return Colour::yellow;
        case ConnectionStatus::error: return Colour::red;
        case ConnectionStatus::disconnected: return Colour::dim;
    }
    return Colour::none;
}

std::string state_of(const UpstreamInfo& info) {
    if (is_unusable(info)) return "unusable";
    std::string out(to_string(info.connection.status));
    if (info.connection.status == ConnectionStatus::disconnected && info.start != StartPolicy::eager) {
        return std::string(to_string(info.start)) + ", at rest";
    }
    const double wait = number_in(info.connection.metadata, "next_attempt_in");
    return wait > 0 ? "retry in " + duration_text(wait) : out;
}

/// What is wrong: what keeps calls away, what lowers the score, the last error.
std::string reason_of(const UpstreamInfo& info) {
    std::string out;
    if (info.breaker != "closed") out = "breaker " + std::string(info.breaker);
    const bool limited = info.connection.status == ConnectionStatus::connected && info.health.score < 0.995 &&
                         info.health.limiting != HealthFactor::none;
    if (limited && out.empty()) out = std::string(to_string(info.health.limiting));
    const std::string text = trouble_text(info.connection);
    if (!text.empty()) out += (out.empty() ? "" : ": ") + text;
    return out;
}

}  // namespace

int FleetView::trouble(const UpstreamInfo& info) {
    switch (info.connection.status) {
        case ConnectionStatus::error: return 0;
        case ConnectionStatus::reconnecting: return 1;
        case ConnectionStatus::connecting: return 2;
        case ConnectionStatus::connected:
            if (info.health.score >= healthy && info.breaker == "closed") return 100;
            return 10 + static_cast<int>(info.health.score * 10);
        case ConnectionStatus::disconnected: break;
    }
    return 200;  // at rest
}

namespace {

template <class Rank>
std::vector<UpstreamInfo> sorted_by(Rank rank, std::vector<UpstreamInfo> servers) {
    std::vector<std::pair<int, std::size_t>> order;
    for (std::size_t i = 0; i < servers.size(); ++i) order.emplace_back(rank(servers[i]), i);
    std::ranges::sort(order);
    std::vector<UpstreamInfo> out;
    for (const auto& [bad, i] : order) out.push_back(std::move(servers[i]));
    return out;
}

}  // namespace

std::vector<UpstreamInfo> FleetView::by_trouble(std::vector<UpstreamInfo> servers) {
    return sorted_by(trouble, std::move(servers));
}

std::vector<UpstreamInfo> FleetView::ordered(std::vector<UpstreamInfo> servers) const {
    const auto rank = [this](const UpstreamInfo& info) {
        constexpr int fine = 100, was_away = 50;
        const int now = trouble(info);
        const auto known = latencies_.find(info.name);
        const bool lately = known != latencies_.end() && std::ranges::find(known->second, away) != known->second.end();
        return now == fine && lately ? was_away : now;
    };
    return sorted_by(rank, std::move(servers));
}

void FleetView::sample(const std::vector<UpstreamInfo>& servers) {
    std::map<std::string, std::deque<double>> kept;
    for (const auto& info : servers) {
        auto& all = kept[info.name];
        if (auto known = latencies_.find(info.name); known != latencies_.end()) all = std::move(known->second);
        const bool up = info.connection.status == ConnectionStatus::connected;
        all.push_back(up ? number_in(info.connection.metadata, "round_trip") : away);
        if (all.size() > spark_cells) all.pop_front();
    }
    latencies_ = std::move(kept);
}

std::string FleetView::bar(double score) const {
    const auto full = static_cast<std::size_t>(std::lround(std::clamp(score, 0.0, 1.0) * bar_cells));
    std::string out;
    for (std::size_t i = 0; i < bar_cells; ++i) {
        if (plain_) {
            out += i < full ? '#' : '.';
        } else {
            out += i < full ? "\u2588" : "\u2591";
        }
    }
    std::array<char, 16> number{};
    std::snprintf(number.data(), number.size(), " %.2f", score);
    return out + number.data();
}

/// Each sample beside the largest of them; a gap where the server was away.
std::string FleetView::sparkline(const std::string& name) const {
    const auto known = latencies_.find(name);
    if (known == latencies_.end()) return {};
    const double most = std::max(0.001, std::ranges::max(known->second));
    static constexpr std::array<const char*, 8> blocks{"\u2581", "\u2582", "\u2583", "\u2584",
                                                       "\u2585", "\u2586", "\u2587", "\u2588"};
    static constexpr std::string_view letters = "_.-=+*%#";
    std::string out;
    for (const double each : known->second) {
        if (each <= 0) {
            out += ' ';
            continue;
        }
        const auto level = static_cast<std::size_t>(std::min(7.0, each / most * 8));
        if (plain_) {
            out += letters[level];
        } else {
            out += blocks[level];
        }
    }
    return out;
}

/// As many cells as there is room for; the last takes what is left.
std::string FleetView::line(const std::vector<Cell>& cells, bool header, bool marked) const {
    std::string out = marked ? "> " : selected_.empty() ? "" : "  ";
    std::size_t room = terminal_.width() - std::min(terminal_.width(), out.size());
    bool first = true;
    for (const auto& cell : cells) {
        const std::size_t gap = first ? 0 : 2;
        if (room < gap + (cell.width == rest_of_line ? least_rest : cell.width)) break;
        const std::size_t width = cell.width == rest_of_line ? room - gap : cell.width;
        std::string text = fitted(cell.text, width);
        if (cell.width != rest_of_line) text = padded(std::move(text), width);
        out += std::string(gap, ' ') + terminal_.paint(header || marked ? Colour::bold : cell.colour, text);
        room -= gap + width;
        first = false;
    }
    return out;
}

void FleetView::select_next(int step, std::vector<UpstreamInfo> servers) {
    const auto sorted = ordered(std::move(servers));
    if (sorted.empty()) return selected_.clear();
    const auto at = std::ranges::find(sorted, selected_, &UpstreamInfo::name);
    const auto last = static_cast<std::ptrdiff_t>(sorted.size()) - 1;
    const std::ptrdiff_t from = at != sorted.end() ? at - sorted.begin() : step > 0 ? -1 : last + 1;
    selected_ = sorted[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(from + step, 0, last))].name;
}

std::string FleetView::row(const UpstreamInfo& info, std::size_t name_width) const {
    const bool up = info.connection.status == ConnectionStatus::connected;
    const double rtt = number_in(info.connection.metadata, "round_trip");
    const Colour colour = colour_of(info);
    std::vector<Cell> cells{{info.name, name_width}, {state_of(info), state_width, colour}};
    const std::size_t numbers = name_width + state_width + (bar_cells + 5) + 7 + spark_cells + 5 * 2;
    if (up || terminal_.width() >= numbers + room_for_reasons) {
        cells.push_back({up ? bar(info.health.score) : std::string("-"), bar_cells + 5, colour});
        cells.push_back({up && rtt > 0 ? duration_text(rtt) : "-", 7});
        cells.push_back({sparkline(info.name), spark_cells, Colour::dim});
    }
    cells.push_back({reason_of(info), rest_of_line, Colour::dim});
    return line(cells, false, info.name == selected_);
}

std::vector<std::string> FleetView::lines(std::vector<UpstreamInfo> servers, std::size_t most) {
    const auto sorted = ordered(std::move(servers));
    std::size_t name_width = 6;
    for (const auto& info : sorted) {
        name_width = std::max(name_width, std::min<std::size_t>(18, columns_of(info.name)));
    }
    if (std::ranges::find(sorted, selected_, &UpstreamInfo::name) == sorted.end()) selected_.clear();
    // The selected one stays in sight.
    std::size_t begin = 0;
    const std::size_t room = most > 1 ? most - 1 : 1;
    const auto at = std::ranges::find(sorted, selected_, &UpstreamInfo::name);
    if (at != sorted.end()) {
        const auto index = static_cast<std::size_t>(at - sorted.begin());
        if (index >= room) begin = index - room + 1;
    }
    std::vector<std::string> out;
    out.push_back(line({{"SERVER", name_width},
                        {"STATE", state_width},
                        {"SCORE", bar_cells + 5},
                        {"RTT", 7},
                        {"LATENCY", spark_cells},
                        {"TROUBLE", rest_of_line}},
                       true, false));
    for (std::size_t i = begin; i < std::min(sorted.size(), begin + room); ++i) {
        out.push_back(row(sorted[i], name_width));
    }
    return out;
}

}  // namespace haive::mcp::cli
