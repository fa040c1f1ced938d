#pragma once

#include "haive/mcp/base/unique_function.hpp"

#include <cstdint>
#include <memory>

namespace haive::mcp {

/// Who goes first when many connections want to open at once (M-3). The smaller value first.
enum class OpenPriority : std::uint8_t {
    required,
    waited_for,  ///< by a call
    starting,    ///< for the first time
    idle,        ///< again, and nobody waits
};

/// One request for leave to open, and then the leave itself. Destroying it withdraws the one and gives back the other.
/// Loop thread only.
class OpenTicket {
public:
    virtual ~OpenTicket() = default;
    /// The attempt ended, once; what waits for the same origin goes by whether that answered at all.
    virtual void ended(bool reached) = 0;
};

/// The limiter of a fleet, seen from one connection: how many may open at once, and how fast one after the other.
/// Loop thread only.
class OpenGate {
public:
    virtual ~OpenGate() = default;
    /// Queues the request; `granted` runs once, from a fresh stack, unless the ticket is gone by then.
    virtual std::unique_ptr<OpenTicket> ask(OpenPriority priority, UniqueFunction<void()> granted) = 0;
    /// An attempt that does not wait, because its user asked for it: counted all the same.
    virtual std::unique_ptr<OpenTicket> enter() = 0;
    /// A usable connection was lost unexpectedly: many at once are a storm.
    virtual void lost() = 0;
    /// Many were lost at once a moment ago: delays are to be spread out as far as chance can (M-4).
    [[nodiscard]] virtual bool storming() const = 0;
};

}  // namespace haive::mcp
