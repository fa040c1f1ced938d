#pragma once

#include "chaos/scene.hpp"

#include <vector>

namespace haive::mcp::chaos {

/// What goes wrong, and when it is over (F1..F12, F31, F32, F34, F38 of the fault list, as far as a byte
/// stream can have them).
class Faults {
public:
    explicit Faults(Scene& scene);

    enum class Kind : std::uint8_t {
        death,                ///< the server dies, now
        graceful_end,         ///< it ends in order
        death_on_receipt,     ///< the next call kills it
        death_after_running,  ///< it runs the next call and dies before the answer
        death_in_the_answer,
        death_in_the_frame,  ///< the pipe takes only part of a frame, then it dies
        full_pipe,           ///< the pipe takes nothing for a while
        stop,                ///< stopped for 5, 60 or 600 s, then it goes on
        refusals,
        slow_opens,
        crash_loop,  ///< each life dies a while after its handshake
        silent_handshake,
        wrong_version,
        answers_twice,
        unknown_ids,
        half_lines,
        junk,
        slices,
        no_pings,
        no_answers,
        rpc_errors,
        slow_answers,
        unmendable_death,  ///< a death that says: trying again is useless, or needs credentials
        time_jump,
    };
    static constexpr int kinds = 24;

    /// One fault of a kind that this seed has.
    void happen(Subject& subject);
    /// It answers no ping for a while.
    void deafen(Subject& subject, Duration length);
    /// A death of any kind, now.
    void die_somehow(Subject& subject);

private:
    void apply(Subject& subject, Kind kind);
    /// Puts one setting back after a while.
    template <class Member, class Value>
    void lasting(Subject& subject, Duration length, Member member, Value value);
    [[nodiscard]] Duration outage() {
        return scene_.dice.magnitude(std::chrono::milliseconds(100), std::chrono::minutes(5));
    }

    Scene& scene_;
    std::vector<Kind> kinds_of_seed_;
};

}  // namespace haive::mcp::chaos
