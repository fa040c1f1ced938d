#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/transport/channel.hpp"

#include <cstdint>

namespace haive::mcp {

/// How patient a shutdown is (rule 1.5). All of them bounded.
struct ShutdownTimes {
    Duration after_eof = std::chrono::seconds(2);  ///< for a server to end by itself
    Duration after_term = std::chrono::seconds(3);
    Duration after_prompt = std::chrono::milliseconds(500);  ///< from TERM to KILL when it is of no more use
    Duration after_kill = std::chrono::seconds(1);           ///< for the system to reap; then it is left to the reaper
};

/// Ends one process: close stdin, wait, TERM to the group, wait, KILL to the group. Pure. A harsher mode
/// cuts a gentler one short; a gentler one never softens it.
class ShutdownMachine {
public:
    enum class Step : std::uint8_t {
        wait,  ///< until `due()`, or until the process ends
        close_input,
        send_term,
        send_kill,
        done,  ///< the process ended, or is left to the reaper
    };

    explicit ShutdownMachine(const ShutdownTimes& times) noexcept : times_(times) {}

    /// Call repeatedly until it says `wait` or `done`.
    [[nodiscard]] Step next(TimePoint now) noexcept;
    void ask(CloseMode mode, TimePoint now) noexcept;
    void on_exit() noexcept { stage_ = Stage::over; }

    [[nodiscard]] bool asked() const noexcept { return stage_ != Stage::running; }
    [[nodiscard]] TimePoint due() const noexcept { return due_; }

private:
    enum class Stage : std::uint8_t { running, to_close, closed, to_term, termed, to_kill, killed, over };

    ShutdownTimes times_;
    Stage stage_ = Stage::running;
    CloseMode mode_ = CloseMode::graceful;
    TimePoint due_ = never;
};

}  // namespace haive::mcp
