#pragma once

#include "haive/mcp/base/error.hpp"
#include "haive/mcp/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace haive::mcp {

/// May a request run twice? (resilience table 4.3)
enum class RetryClass : std::uint8_t {
    protocol_read,  ///< P: reads and subscriptions of the protocol itself
    idempotent,     ///< I: a tool call that is known to be harmless twice
    never_twice,    ///< N: every other tool call, unknown methods, input rounds, `tasks/update`
    notification,   ///< has no answer, hence no retry
};

/// What is known about one message besides its method.
struct RetryTraits {
    bool marked_idempotent = false;  ///< by the caller
    /// `readOnlyHint` or `idempotentHint` is set *and* `trust_annotations` is on for this server.
    bool annotations_trusted_and_hint = false;
    bool carries_input_responses = false;  ///< `inputResponses` or `requestState` is in the params
};

[[nodiscard]] RetryClass retry_class(std::string_view method, const RetryTraits& traits) noexcept;

/// Table 4.3: whether a message of this class may be sent again after this end.
[[nodiscard]] bool allowed(RetryClass retry_class, Disposition disposition) noexcept;

/// Something the peer asked to be mended before the same request may come again. Each is an
/// explicit refusal, hence open to every class, once a call, and free of charge.
enum class Remedy : std::uint8_t {
    none,
    refresh_token,         ///< 401
    renew_session,         ///< 404 with our session id
    choose_other_version,  ///< JSON-RPC -32022
    refresh_tools,         ///< JSON-RPC -32020 HeaderMismatch
};

/// The past of one call.
struct RetryHistory {
    int attempts = 1;           ///< so far, of any kind
    int charged = 0;            ///< retries that were paid for; each doubles the next delay
    bool transparent = false;   ///< the free, immediate resend was used
    std::uint8_t remedies = 0;  ///< bit set of the Remedy values used

    [[nodiscard]] bool used(Remedy r) const noexcept { return (remedies >> static_cast<unsigned>(r) & 1U) != 0; }
};

/// How the last attempt ended, and what the next one would meet.
struct RetrySituation {
    RetryClass retry_class = RetryClass::never_twice;
    ErrorKind kind = ErrorKind::connection_lost;
    Disposition disposition = Disposition::maybe_executed;
    bool left_client = true;  ///< at least one byte of it was written
    std::optional<int> rpc_code;
    std::optional<int> http_status;
    std::optional<Duration> retry_after;
    TimePoint deadline = never;  ///< total: queue, reconnect wait, attempts and sleeps (Q-6)
    Duration round_trip{};       ///< the least an attempt will take
    bool budget_allows = true;   ///< RetryBudget::allows_retry(now)
};

struct RetryOptions {
    int max_attempts = 3;
    Seconds first_delay{0.1};
    Seconds max_delay{5.0};
    Seconds retry_after_cap{300.0};
};

/// Why a call is given up, for logs and metrics.
enum class GiveUp : std::uint8_t {
    none,
    final_answer,   ///< an answer, or an end that no resend can better
    may_have_run,   ///< class N, and it may have been executed
    attempts_used,  ///< Q-7
    budget_empty,   ///< Q-8: the original error, at once
    no_time,        ///< Q-6: it could not end before the deadline
};

struct RetryDecision {
    bool resend = false;
    Duration delay{};              ///< before the resend
    double cost = 0;               ///< RetryBudget::spend() this
    Remedy remedy = Remedy::none;  ///< to be done before the resend
    GiveUp reason = GiveUp::none;
    std::optional<Duration> retry_after;  ///< to be shown with the error when given up
    RetryHistory history;                 ///< for the next decision
};

/// What to do about a failed attempt. Pure. `u` is uniform in [0, 1).
/// A resend gets a new JSON-RPC id and waits for a connection if there is none.
[[nodiscard]] RetryDecision decide(const RetrySituation& situation, const RetryHistory& history,
                                   const RetryOptions& options, TimePoint now, double u) noexcept;

}  // namespace haive::mcp
