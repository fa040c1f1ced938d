#include "config/parameter.hpp"

#include <array>

namespace haive::mcp {

namespace {

constexpr ParameterRange above_zero{0, no_limit, true};
// Sizes in bytes that several transports share.
constexpr double most_bytes = 1e15;
constexpr std::string_view largest_message = "Largest message taken from the server, in bytes.";
constexpr ParameterRange message_range{1024, most_bytes};
constexpr std::string_view outbox = "Bytes queued for a server that does not read; beyond them calls fail at once.";
constexpr ParameterRange outbox_range{1024, most_bytes};

}  // namespace

template <>
std::span<const Parameter<ConnectionOptions>> parameters_of() {
    using O = ConnectionOptions;
    static const std::array parameters{
        Parameter<O>{"auto_reconnect", &O::auto_reconnect, "Re-establish a lost connection unasked."},
        Parameter<O>{"max_reconnect_attempts",
                     &O::max_reconnect_attempts,
                     "Automatic attempts per outage; 0 means none, a negative number no limit.",
                     {-1e6, 1e6}},
        Parameter<O>{"reconnect_delay", &O::reconnect_delay, "First delay before an attempt, in seconds."},
        Parameter<O>{"max_reconnect_delay", &O::max_reconnect_delay, "No delay is longer, in seconds."},
        Parameter<O>{"health_check_interval", &O::health_check_interval, "Between health checks, in seconds.",
                     above_zero},
        Parameter<O>{"connection_timeout", &O::connection_timeout, "Limit of connecting, in seconds.", above_zero},
        Parameter<O>{"jitter", &O::jitter, "How much of a delay chance may take away.", {0, 1}},
        Parameter<O>{"backoff_multiplier", &O::backoff_multiplier, "Growth of the delay per attempt.", {1, no_limit}},
        Parameter<O>{"stable_uptime", &O::stable_uptime,
                     "Uptime in seconds after which an outage is over. null: chosen from the health check interval."},
        Parameter<O>{"revive_after", &O::revive_after,
                     "Start over so many seconds after the last attempt failed. null: never."},
        Parameter<O>{"retry_after_cap", &O::retry_after_cap, "Longest pause a server may ask for, in seconds."},
        Parameter<O>{"ping_timeout", &O::ping_timeout,
                     "Limit of a health check in seconds. 0: at most 10, at most half the interval."},
        Parameter<O>{"dead_after", &O::dead_after, "Health checks missed in a row that mean death.", {1, 1e6}},
        Parameter<O>{"request_timeout", &O::request_timeout, "Longest silence of a call, in seconds.", above_zero},
        Parameter<O>{"trust_annotations", &O::trust_annotations,
                     "Believe the server's hints on which tools may be run twice."},
        Parameter<O>{"wait_for_ready", &O::wait_for_ready, "Calls wait (at most 5 s) while it is being healed."},
        Parameter<O>{"era", OfClient<EraPreference>{&ClientOptions::era},
                     "Protocol era: found out, or one of the two."},
        Parameter<O>{
            "probe_timeout", OfClient<Seconds>{&ClientOptions::probe_timeout},
            "How long finding out the era may wait, in seconds. 0: at most 2, at most a quarter of what is left."},
        Parameter<O>{"max_input_rounds",
                     OfClient<int>{&ClientOptions::max_input_rounds},
                     "How often a server may ask for input within one call.",
                     {0, 100}},
        Parameter<O>{"follow_tasks", OfClient<bool>{&ClientOptions::follow_tasks},
                     "Servers may answer a call with a task, which is followed to its end."},
        Parameter<O>{"check_structured_output", OfClient<bool>{&ClientOptions::check_structured_output},
                     "Check structured results against the schema that their tool was listed with."},
    };
    return parameters;
}

template <>
std::span<const Parameter<UpstreamOptions>> parameters_of() {
    using O = UpstreamOptions;
    static const std::array parameters{
        Parameter<O>{"required", &O::required, "The whole is ready only when this server is healthy."},
        Parameter<O>{"start", &O::start,
                     "When it is opened: with the program, at its first use, or at each use (closed when idle)."},
        Parameter<O>{"idle_stop", &O::idle_stop, "\"start\": \"on_use\" only: closed after so many idle seconds.",
                     above_zero},
        Parameter<O>{"tools", &O::tools, "Which tools are offered: patterns with * and ?."},
        Parameter<O>{"prompts", &O::prompts, "Which prompts are offered: patterns with * and ?."},
        Parameter<O>{"resources", &O::resources, "Which resources are offered: patterns with * and ?."},
        Parameter<O>{"prefix", &O::prefix,
                     "Put before its names in the merged catalogue. null: the server's name, where names collide."},
        Parameter<O>{"max_in_flight", &O::max_in_flight, "Calls under way at once.", {1, 10'000}},
        Parameter<O>{"max_queued", &O::max_queued, "Calls that wait for their turn.", {0, 1e6}},
        Parameter<O>{"circuit_breaker", &O::circuit_breaker, "Refuse calls for a while after repeated failures."},
        Parameter<O>{"hedging", &O::hedging, "Ask a second time for protocol reads that take unusually long."},
    };
    return parameters;
}

template <>
std::span<const Parameter<PoolOptions>> parameters_of() {
    using O = PoolOptions;
    static const std::array parameters{
        Parameter<O>{"mode", &O::mode, "Who may use a member at the same time. null: chosen by the protocol's era."},
        Parameter<O>{"min_size", &O::min_size, "Members kept open although unused.", {0, 10'000}},
        Parameter<O>{"max_size", &O::max_size, "Members at most. null: 1 over stdio, else 8.", {1, 10'000}},
        Parameter<O>{"min_idle", &O::min_idle, "Warm spares, opened ahead.", {0, 10'000}},
        Parameter<O>{"max_in_flight",
                     &O::max_in_flight,
                     "Calls at once on one member. null: 32 over byte streams, 100 over HTTP.",
                     {1, 10'000}},
        Parameter<O>{"max_waiting", &O::max_waiting, "Waiters at most.", {0, 1e6}},
        Parameter<O>{"acquire_timeout", &O::acquire_timeout, "How long an acquire waits, in seconds.", above_zero},
        Parameter<O>{"idle_timeout", &O::idle_timeout, "An unused member is closed after so many seconds. 0: never."},
        Parameter<O>{"max_lifetime", &O::max_lifetime,
                     "A member is replaced at this age in seconds. 0: never. null: never over stdio, else 1800."},
        Parameter<O>{"drain_timeout", &O::drain_timeout, "How long a retiring member's calls may go on, in seconds."},
        Parameter<O>{"check_after_idle", &O::check_after_idle,
                     "A lease on a member unused for so many seconds is probed first. 0: never."},
        Parameter<O>{"check_timeout", &O::check_timeout, "Limit of that probe, in seconds.", above_zero},
        Parameter<O>{"leak_threshold", &O::leak_threshold,
                     "An exclusive lease held for so many seconds is reported. 0: never; else at least 2."},
        Parameter<O>{"max_ejected", &O::max_ejected, "Share of the members set aside for bad health.", {0, 0.5}},
    };
    return parameters;
}

template <>
std::span<const Parameter<ManagerOptions>> parameters_of() {
    using O = ManagerOptions;
    static const std::array parameters{
        Parameter<O>{
            "catalogue_file", &O::catalogue_file,
            "Where the last good catalogue is kept between runs. Empty: where the program keeps it, if it does."},
        Parameter<O>{"opens_per_second", &O::opens_per_second,
                     "Connections opened per second by all servers together, after a burst.", above_zero},
        Parameter<O>{"open_burst", &O::open_burst, "The burst: connections that are opened at once.", {1, no_limit}},
        Parameter<O>{"processes_at_once",
                     &O::processes_at_once,
                     "Server processes that start at once. 0: twice the cores.",
                     {0, 1e6}},
        Parameter<O>{"processes_per_second", &O::processes_per_second,
                     "Server processes started again per second while nobody waits for them.", above_zero},
        Parameter<O>{"network_opens_at_once",
                     &O::network_opens_at_once,
                     "Connections over the network that are being opened at once.",
                     {1, 1e6}},
        Parameter<O>{"opens_per_origin", &O::opens_per_origin, "The same to one origin.", {1, 1e6}},
        Parameter<O>{"drain_timeout", &O::drain_timeout,
                     "How long calls may still take when their server is removed or changed, in seconds."},
    };
    return parameters;
}

template <>
std::span<const Parameter<StdioOptions>> parameters_of() {
    using O = StdioOptions;
    static const std::array parameters{
        Parameter<O>{"max_message_bytes", &O::max_message_bytes, largest_message, message_range},
        Parameter<O>{"max_outbox_bytes", &O::max_outbox_bytes, outbox, outbox_range},
        Parameter<O>{
            "stderr_bytes", &O::stderr_bytes, "How much of its stderr is kept for errors and `explain`.", {0, 1 << 24}},
        Parameter<O>{"term_after", &O::term_after, "From the end of its input to SIGTERM, in seconds.", {0, 86'400}},
        Parameter<O>{"kill_after", &O::kill_after, "And on to SIGKILL, in seconds.", {0, 86'400}},
    };
    return parameters;
}

template <>
std::span<const Parameter<HttpOptions>> parameters_of() {
    using O = HttpOptions;
    static const std::array parameters{
        Parameter<O>{"max_message_bytes", &O::max_message_bytes, largest_message, message_range},
        Parameter<O>{"max_connections",
                     &O::max_connections,
                     "HTTP: requests in flight at once to the origin; more wait.",
                     {1, 1024}},
        Parameter<O>{"connect_timeout", &O::connect_timeout,
                     "HTTP: longest time to get one connection (name, TCP, proxy, TLS), in seconds.", above_zero},
        Parameter<O>{"idle_connection_timeout", &O::idle_connection_timeout,
                     "HTTP: how long an unused connection is kept, in seconds."},
        Parameter<O>{"event_stream", &O::event_stream, "HTTP, legacy era: listen to the server between requests."},
        Parameter<O>{"sse_fallback", &O::sse_fallback, "HTTP: fall back to HTTP+SSE of 2024-11-05."},
    };
    return parameters;
}

template <>
std::span<const Parameter<SocketOptions>> parameters_of() {
    using O = SocketOptions;
    static const std::array parameters{
        Parameter<O>{"max_message_bytes", &O::max_message_bytes, largest_message, message_range},
        Parameter<O>{"max_outbox_bytes", &O::max_outbox_bytes, outbox, outbox_range},
    };
    return parameters;
}

}  // namespace haive::mcp
