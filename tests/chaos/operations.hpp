#pragma once

#include "chaos/scene.hpp"

#include <array>
#include <vector>

namespace haive::mcp::chaos {

/// How long a probe of a connection with these options may take.
[[nodiscard]] Duration ping_timeout(const ConnectionOptions& o);

/// What users do with a connection besides calls, at random, and that each of it ends in its time.
class Operations {
public:
    explicit Operations(Scene& scene);

    enum class Kind : std::uint8_t { connect, disconnect, reconnect, start, stop, health, wait, destroy };
    static constexpr std::size_t kinds = 8;

    /// Something at random, as often as this seed likes each kind.
    void do_something(Subject& subject);
    void carry_out(Subject& subject, Kind kind);
    void check();

private:
    struct Operation {
        Kind kind;
        Subject* subject;
        TimePoint limit;
        int ends = 0;
    };
    template <class T>
    void follow(Subject& subject, Kind kind, Duration limit, Async<T> operation);
    void ended(std::size_t index, bool good);

    Scene& scene_;
    std::array<int, kinds> weights_{};
    std::vector<Operation> operations_;
};

}  // namespace haive::mcp::chaos
