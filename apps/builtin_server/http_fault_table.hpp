#pragma once

#include "switches.hpp"

#include <string>
#include <string_view>

namespace builtin {

/// What goes wrong with one HTTP request before its message is looked at.
struct HttpRefusal {
    int status = 0;  // 0: nothing
    std::string retry_after;
};

/// Which requests the faults of the command line hit: from the `fault_at`th of the kind `fault_on`, `fault_times` of
/// them (0 for all that follow). Counts only; one for the whole process.
class HttpFaultTable {
public:
    explicit HttpFaultTable(const HttpSwitches& switches) : switches_(switches) {}

    /// One more request of that kind: a JSON-RPC method, or GET or DELETE. True when the faults hit it.
    [[nodiscard]] bool hits(std::string_view kind);
    /// The status to refuse it with; `hit` as hits() said.
    [[nodiscard]] HttpRefusal refusal(bool hit);
    /// One more request of a session. True when this one finds that the session is forgotten.
    [[nodiscard]] bool loses_session() {
        ++in_session_;
        const int every = switches_.lose_session_every;
        return in_session_ == switches_.lose_session_at || (every > 0 && in_session_ % every == 0);
    }

private:
    const HttpSwitches& switches_;
    int matching_ = 0;
    int in_session_ = 0;
    bool refused_401_ = false;
};

}  // namespace builtin
