#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace haive::mcp {

/// Why a connection is as it is, for a person: a value, taken at one moment.
struct Explanation {
    Explanation() = default;

    struct Transition {
        Transition() = default;
        double seconds_ago = 0;
        std::string from;  ///< phase
        std::string to;    ///< phase
        std::string reason;
    };

    std::string server;
    std::string transport;  ///< command line or URL, without secrets
    std::string status;
    std::string phase;
    double in_phase_for = 0;  ///< seconds
    std::uint64_t generation = 0;
    /// What led here, the newest first.
    std::vector<std::string> causes;
    /// The last 32 changes of phase, the oldest first.
    std::vector<Transition> transitions;
    /// Health: score, its factors, what limits it.
    boost::json::object health;
    /// What was seen of the far side: pid, exit code or signal, junk lines, bytes, era, version.
    boost::json::object evidence;
    std::string stderr_tail;
    int attempts = 0;
    std::optional<double> next_attempt_in;  ///< seconds
    /// What happens next without anybody's help.
    std::string next;
    /// What a person can do; empty when nothing is wrong.
    std::string mend;

    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] boost::json::object to_json() const;
};

}  // namespace haive::mcp
