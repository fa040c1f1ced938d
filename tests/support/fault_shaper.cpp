#include "support/fault_shaper.hpp"

#include <algorithm>

namespace haive::mcp::testing {

void FaultShaper::push(std::string_view bytes, Time now) {
    if (bytes.empty()) return;
    pieces_.push_back({now + how_.latency, std::string(bytes)});
    under_way_ += bytes.size();
}

std::string_view FaultShaper::ready(Time now) {
    if (pieces_.empty() || cut() || now < pieces_.front().due || now < free_at_) return {};
    std::size_t most = pieces_.front().bytes.size() - at_;
    if (how_.slice != 0) most = std::min(most, how_.slice);
    if (how_.bytes_per_second != 0) {
        constexpr std::size_t a_second_has = 100;  // so often the rate lets a piece through
        most = std::min(most, std::max<std::size_t>(1, how_.bytes_per_second / a_second_has));
    }
    if (how_.cut_after) most = static_cast<std::size_t>(std::min<std::uint64_t>(most, *how_.cut_after - passed_));
    return std::string_view(pieces_.front().bytes).substr(at_, most);
}

void FaultShaper::passed(std::size_t bytes, Time now) {
    passed_ += bytes;
    under_way_ -= bytes;
    at_ += bytes;
    if (at_ == pieces_.front().bytes.size()) {
        pieces_.pop_front();
        at_ = 0;
    }
    if (how_.bytes_per_second == 0) return;
    const auto takes = std::chrono::nanoseconds(1'000'000'000ULL * bytes / how_.bytes_per_second);
    free_at_ = std::max(free_at_, now) + takes;
}

std::optional<FaultShaper::Time> FaultShaper::next(Time now) const {
    if (pieces_.empty() || cut()) return std::nullopt;
    return std::max({now, pieces_.front().due, free_at_});
}

}  // namespace haive::mcp::testing
