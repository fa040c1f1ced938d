#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Who may call now and who waits: at most `limit` at once, at most `bound` waiting. Those who wait are served in
/// turn by asker, and in order within one: one that asks for a thousand things does not hold up another that asks for
/// one. A place that is given back goes straight to whoever is next, so nobody who comes later can slip in. Pure.
class InFlightQueue {
public:
    using Number = std::uint64_t;
    enum class Entry : std::uint8_t { go, wait, full };

    InFlightQueue(int limit, int bound) : limit_(limit), bound_(bound) {}

    /// `go` takes a place; `wait` queues `number`.
    Entry enter(Number number, std::string_view asker);
    /// A waiter gives up. False: it is not waiting (any more).
    bool withdraw(Number number, std::string_view asker);
    /// A place is given back. What comes out has it now.
    std::optional<Number> leave();

    [[nodiscard]] int in_flight() const noexcept { return in_flight_; }
    [[nodiscard]] int waiting() const noexcept { return waiting_; }
    [[nodiscard]] int limit() const noexcept { return limit_; }

private:
    struct Line {
        std::string asker;
        std::deque<Number> numbers;
    };
    using Lines = std::list<Line>;
    void drop(Lines::iterator line);

    const int limit_;
    const int bound_;
    int in_flight_ = 0;
    int waiting_ = 0;
    Lines lines_;  // in the order of their turns
    std::map<std::string, Lines::iterator, std::less<>> by_asker_;
};

}  // namespace haive::mcp
