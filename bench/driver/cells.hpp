#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace haive::bench {

/// One measurement: so many calls of `echo` with texts of so many bytes, so many of them under way at once.
struct Cell {
    int in_flight = 1;
    std::size_t bytes = 100;
    int calls = 1000;

    [[nodiscard]] int warm_up() const noexcept;
};

/// `IN_FLIGHT:BYTES:CALLS,...`; ends the program with a message when it is something else.
[[nodiscard]] std::vector<Cell> parse_cells(std::string_view text);

/// The text of the `number`th call: no two are alike. Digits and `x`, so that it stands for itself in JSON.
[[nodiscard]] std::string echo_text(int number, std::size_t bytes);

/// What a cell costs this process: from its construction to `print`.
class Meter {
public:
    using Clock = std::chrono::steady_clock;
    explicit Meter(const Cell& cell);
    void answered(Clock::time_point sent) { latencies_.push_back(static_cast<float>(us_since(sent))); }
    /// The line that every driver of the benchmark prints for a cell.
    void print();

private:
    [[nodiscard]] static double us_since(Clock::time_point then) {
        return std::chrono::duration<double, std::micro>(Clock::now() - then).count();
    }

    const Cell cell_;
    std::vector<float> latencies_;
    double cpu_us_;
    Clock::time_point began_;
};

/// Tells whoever measures the start that the first answer is here.
void say_first();
/// User and system time of this process so far, of all its threads.
[[nodiscard]] double cpu_now_us();
[[noreturn]] void die(std::string_view what);

}  // namespace haive::bench
