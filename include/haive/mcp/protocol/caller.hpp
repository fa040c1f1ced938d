#pragma once

#include "haive/mcp/base/task.hpp"
#include "haive/mcp/jsonrpc/raw_json.hpp"
#include "haive/mcp/protocol/versions.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <optional>
#include <string>

namespace haive::mcp {

/// One progress notification of a call (MCP *Progress*).
struct Progress {
    double progress = 0;
    std::optional<double> total;
    std::string message;
};

/// Knobs of one call. Construct it, set what differs from the default, pass it.
class CallOptions {
public:
    CallOptions() = default;

    /// Longest silence: no answer and no rising progress for this long ends the call with
    /// `idle_timeout`. Unset: the connection's `request_timeout` (60 s). Zero: expires at once.
    /// Negative or NaN is refused with std::invalid_argument.
    std::optional<Seconds> timeout;
    /// The whole call, retries and waiting included. Unset: ten times `timeout`. Nothing extends it.
    std::optional<Seconds> max_total_timeout;
    /// Whether progress restarts `timeout` (at most every 100 ms, only while it rises).
    bool reset_on_progress = true;
    /// The caller knows that running the tool twice does no harm: lets it be sent again after
    /// `maybe_executed`. Never set it from the server's own annotations.
    bool idempotent = false;
    /// Attempts in all, 1 = never send again. Range 1..10.
    int max_attempts = 3;
    /// While the connection is being healed: true waits for it (at most 5 s or the deadline),
    /// false fails at once with `not_connected`. Unset: the connection's choice, and the end of an attempt
    /// that this call brought about: a call on a connection that rests for long has it tried at once.
    std::optional<bool> wait_for_ready;
    /// Modern era: an answer that asks for input is handed back as it is, for `MCPClient::call`; the program sends
    /// `inputResponses` and `requestState` itself. Else the client's handlers answer.
    bool manual_input = false;
    /// Runs on the loop's thread for each rising progress notification. Must not block.
    std::function<void(const Progress&)> on_progress;
    /// Merged into the request's `_meta` (trace context, vendor keys). Reserved keys are overwritten.
    boost::json::object meta;
};

/// What stops a call early. One per call; the layer that waits now installs what stopping means.
/// Loop thread only.
class CancelSlot {
public:
    void request() {
        requested_ = true;
        if (action_) {
            UniqueFunction<void()> action = std::move(action_);
            action();
        }
    }
    [[nodiscard]] bool requested() const noexcept { return requested_; }
    void set(UniqueFunction<void()> action) { action_ = std::move(action); }
    void clear() noexcept { action_.reset(); }

private:
    bool requested_ = false;
    UniqueFunction<void()> action_;
};

/// One request on its way down: what to ask, not how it is said (that is the era's business).
struct Request {
    Request() = default;
    std::string method;
    /// The params as JSON object text without `_meta`; empty means `{}`.
    std::string params;
    /// Tool or prompt name or resource URI: what HTTP headers and error texts call the request.
    std::string name;
    CallOptions options;
    /// Who asks, where several share one server: turns are shared out by it, and no session of one is used for
    /// another. Never sent.
    std::string asker;
    /// Requests of one affinity go to one session of a pool, where the pool keeps sessions apart. Never sent.
    std::string affinity;
    /// The server's tool annotations say "read only" or "idempotent"; counts only where trusted.
    bool hinted_repeatable = false;
    /// The params answer questions of the server: never to be sent twice.
    bool carries_input = false;
    /// When the call must be over, whatever it waits for on its way: set by the first hop that counts the time, obeyed
    /// by all further ones. `never`: nobody has said yet, its options do.
    TimePoint deadline = never;
    /// When it came to the first of those hops; zero before.
    TimePoint came{};
    /// What it asks may be asked twice without harm (a read of the protocol): said by the connection.
    bool harmless_twice = false;
    std::shared_ptr<CancelSlot> cancel;
};

/// One answer on its way up.
struct Reply {
    Reply() = default;
    /// The `result` object as the server sent it, byte for byte.
    RawJson result;
    Duration elapsed{};
    int attempts = 1;
    std::uint64_t generation = 0;
    Era era = Era::legacy;  ///< in which it was asked
};

/// The one interface of every hop: client, connection, pool and upstream are each a Caller, and retry,
/// limits and caches are Callers around a Caller. Loop thread only. Ends exactly once, by its deadline.
class Caller {
public:
    virtual ~Caller() = default;
    virtual Task<Result<Reply>> call(Request request) = 0;
};

}  // namespace haive::mcp
