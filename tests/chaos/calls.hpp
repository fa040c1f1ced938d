#pragma once

#include "chaos/scene.hpp"

#include <optional>
#include <vector>

namespace haive::mcp::chaos {

/// The calls of a simulation: makes random ones, and checks each one's end and its place in the ledger.
class Calls {
public:
    explicit Calls(Scene& scene) : scene_(scene) {}

    /// A random call, perhaps with a cancel to come.
    void make(Subject& subject);
    /// A plain call of a tool on a healed connection: it must succeed.
    void make_certain(Subject& subject);
    /// At the end of a seed: every call has ended once, and the ledger agrees with its verdict.
    void check();

private:
    enum class Kind : std::uint8_t { never_twice, idempotent, read, list, ping };
    struct Call {
        Kind kind = Kind::never_twice;
        std::size_t token = 0;
        Subject* subject = nullptr;
        TimePoint deadline = never;
        bool certain = false;
        int ends = 0;
        std::optional<Error> error;
        int life = 0;                  ///< of the server, as the answer says
        std::uint64_t generation = 0;  ///< as the reply says, where it does
    };

    CallOptions options_of(Call& call);
    void run(std::size_t index, CallOptions options);
    template <class T>
    void follow(std::size_t index, Async<T> operation);
    void ended(std::size_t index, std::optional<Error> error);
    void read_answer(Call& call, const std::string& text);
    void check_ledger(const Call& call);

    Scene& scene_;
    std::vector<Call> calls_;
};

}  // namespace haive::mcp::chaos
