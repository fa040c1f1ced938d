#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp::testing {

/// How one direction of a connection passes bytes on.
struct FaultyDirection {
    FaultyDirection() = default;
    std::chrono::milliseconds latency{0};    ///< each byte comes that much later
    std::size_t bytes_per_second = 0;        ///< 0: as fast as it goes
    std::size_t slice = 0;                   ///< at most so many bytes a write; 0: any number
    std::optional<std::uint64_t> cut_after;  ///< so many bytes pass, then the plan's `cut` happens
};

/// The bytes of one direction that are under way. Pure: the time is told.
class FaultShaper {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit FaultShaper(FaultyDirection how) : how_(how) {}

    /// Takes bytes that came at `now`.
    void push(std::string_view bytes, Time now);
    /// What may be written now; empty for nothing. Tell with passed() how much of it was.
    [[nodiscard]] std::string_view ready(Time now);
    void passed(std::size_t bytes, Time now);
    /// When ready() will next have more to give; nullopt while nothing is under way, or nothing will pass.
    [[nodiscard]] std::optional<Time> next(Time now) const;
    /// As many bytes passed as were to.
    [[nodiscard]] bool cut() const noexcept { return how_.cut_after && passed_ >= *how_.cut_after; }
    [[nodiscard]] bool full() const noexcept { return under_way_ >= most_under_way; }
    [[nodiscard]] bool empty() const noexcept { return under_way_ == 0; }
    [[nodiscard]] std::uint64_t total() const noexcept { return passed_; }

private:
    static constexpr std::size_t most_under_way = std::size_t{1} << 20;

    struct Piece {
        Time due;
        std::string bytes;
    };

    FaultyDirection how_;
    std::deque<Piece> pieces_;
    std::size_t at_ = 0;  // in the first piece
    std::size_t under_way_ = 0;
    std::uint64_t passed_ = 0;
    Time free_at_;  // when the next byte may pass, for the rate
};

}  // namespace haive::mcp::testing
