#pragma once

#include "haive/mcp/base/error.hpp"
#include "haive/mcp/base/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace haive::mcp {

/// Where a span stands (W3C Trace Context). All zeros: there is none.
struct TraceContext {
    std::array<std::uint8_t, 16> trace{};
    std::array<std::uint8_t, 8> span{};
    std::array<std::uint8_t, 8> parent{};  ///< zeros for the first span of its trace
    bool sampled = true;
};

/// A call that ended, or one attempt of it. It says what was asked and how it went, never with what or what came
/// back: no parameters, no results, no texts of the peer.
struct CallRecord {
    CallRecord() = default;
    std::string_view server;
    std::string_view method;
    std::string_view name;     ///< tool or prompt; empty otherwise, for other names may be URIs
    std::uint64_t number = 0;  ///< of the call, from 1, for this connection; 0: refused before one saw it
    int attempt = 0;           ///< from 1; 0 for the call as a whole
    int attempts = 0;          ///< of the whole call
    TimePoint began{};
    std::chrono::system_clock::time_point wall_began{};
    Duration elapsed{};
    std::uint64_t bytes_out = 0;  ///< of the parameters
    std::uint64_t bytes_in = 0;   ///< of the result
    std::uint64_t generation = 0;
    std::optional<ErrorKind> kind;  ///< unset: answered with a result
    std::optional<int> rpc_code;
    std::string_view error_type;  ///< as in metrics; empty for a good result
    Disposition disposition = Disposition::executed;
    std::string_view protocol_version;
    TraceContext trace;
};

/// Is told of every call and attempt at its end. On the loop's thread; must be quick and must not throw.
class CallObserver {
public:
    virtual ~CallObserver() = default;
    /// Whether calls carry a trace context in their `_meta`, so that the server's spans join ours.
    [[nodiscard]] virtual bool traces() const noexcept { return false; }
    virtual void on_call(const CallRecord& record) noexcept = 0;
};

}  // namespace haive::mcp
