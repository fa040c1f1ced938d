#include "haive/mcp/observe/metrics_reading.hpp"

#include <algorithm>
#include <span>

namespace haive::mcp {

/// A server with what its connections said when the reading began.
struct MetricsReading::Row {
    std::shared_ptr<ServerMetrics> server;
    ServerMetrics::Summary now;
};

namespace {

using Row = MetricsReading::Row;
constexpr std::size_t rows_of_a_piece = 16;

using Text = std::string_view;
constexpr std::array<Text, 5> statuses{"disconnected", "connecting", "connected", "error", "reconnecting"};
constexpr std::array<Text, 2> healths{"healthy", "unhealthy"};
constexpr std::array<Text, 2> attempt_kinds{"connect", "reconnect"};
constexpr std::array<Text, 8> reasons{"user", "peer", "reset", "exit", "health", "session", "protocol", "rotate"};
constexpr std::array<Text, 3> classes{"P", "I", "N"};
constexpr std::array<Text, 3> probe_ends{"ok", "miss", "inconclusive"};
constexpr std::array<Text, 2> outcomes{"ok", "failed"};
constexpr std::array<Text, 2> directions{"in", "out"};
constexpr std::array<Text, 3> circuit_states{"closed", "open", "half_open"};
constexpr std::array<Text, 3> member_states{"idle", "used", "draining"};
constexpr std::array<Text, 3> lease_modes{"shared", "session", "exclusive"};
constexpr std::array<Text, eviction_reasons> evictions{"idle",      "lifetime", "unhealthy", "failed",
                                                       "discarded", "evicted",  "drained"};
constexpr std::array<Text, 2> timeouts{"acquire", "lease"};

Text kind_text(std::size_t kind) { return to_string(static_cast<ErrorKind>(kind)); }
Text disposition_text(std::size_t disposition) { return to_string(static_cast<Disposition>(disposition)); }

/// Walks the families in their order, and hands out those points of one family that belong to the given rows. The other
/// families are passed over, so that each is told of in one place here, by whatever piece it is asked for.
class Walk {
public:
    Walk(MetricsReader& reader, std::span<const Row> rows, std::size_t wanted, bool first)
        : reader_(reader), rows_(rows), wanted_(wanted), first_(first) {}

    void all(std::int64_t gated) {
        operations();
        connections();
        probes();
        requests();
        circuits_and_pools();
        traffic(gated);
    }
    /// After `all`: how many families there are.
    [[nodiscard]] std::size_t families() const noexcept { return families_; }

private:
    void connections() {
        family("connection.count", "{connection}", MetricType::up_down_counter, "Connections that are up, by state.");
        each([&](const Row& r) {
            if (r.server->has_pool) return for_all(r.server->members, "state", member_states);
            if (r.now.connections == 0) return;
            const std::int64_t up = r.now.by_status[connected];
            const std::int64_t used = std::clamp<std::int64_t>(r.server->active.value(), 0, up);
            const std::array<std::int64_t, 3> counts{up - used, used, 0};
            for (std::size_t i = 0; i < counts.size(); ++i) number(counts[i], {{"state", member_states[i]}});
        });
        family("connection.status", "1", MetricType::gauge, "How many connections are in each status: 0 or 1 of one.");
        each([&](const Row& r) {
            if (r.now.connections == 0) return;
            for (std::size_t i = 0; i < statuses.size(); ++i) number(r.now.by_status[i], {{"status", statuses[i]}});
        });
        family("connection.health_score", "1", MetricType::gauge, "Health from 0 to 1, and the factors it is made of.");
        each([&](const Row& r) {
            if (r.now.connections == 0) return;
            const ConnectionSample& s = r.now.worst;
            number(s.score, {{"factor", "total"}});
            number(s.liveness, {{"factor", "L"}});
            number(s.errors, {{"factor", "E"}});
            number(s.streak, {{"factor", "K"}});
            number(s.latency, {{"factor", "R"}});
            number(s.breaker, {{"factor", "B"}});
            number(s.churn, {{"factor", "C"}});
        });
        family("connection.health_changes", "{change}", MetricType::counter, "Crossings of the health threshold.");
        each([&](const Row& r) { for_all(r.server->health_changes, "to", healths); });
        family("connection.attempts", "{attempt}", MetricType::counter, "Ended attempts to connect.");
        each([&](const Row& r) { attempts(*r.server); });
        family("connection.disconnections", "{disconnection}", MetricType::counter,
               "Connections that were up and are no more.");
        each([&](const Row& r) { for_used(r.server->disconnections, "reason", reasons); });
        times(&ServerMetrics::Histograms::create_time, "connection.create_time",
              "From the start of an attempt to its end.", "outcome", outcomes);
        time(&ServerMetrics::Histograms::backoff_time, "connection.backoff_time", "Pauses before attempts.");
        time(&ServerMetrics::Histograms::outage_time, "connection.outage_time", "From a loss until it was healed.");
        family("connection.uptime", "s", MetricType::gauge, "Since the connection came up; 0 while it is down.");
        each([&](const Row& r) {
            if (r.now.connections != 0) number(r.now.worst.uptime, {});
        });
    }

    void probes() {
        times(&ServerMetrics::Histograms::probe_duration, "probe.duration", "Health probes.", "outcome", probe_ends);
        plain("probe.skipped", "{probe}", MetricType::counter, "Probes that traffic made needless.",
              [](const ServerMetrics& s) { return s.probes_skipped.value(); });
    }

    void requests() {
        plain("request.active", "{request}", MetricType::up_down_counter,
              "Calls that have not ended, and waits for a member.",
              [](const ServerMetrics& s) { return s.active.value(); });
        plain("request.pending", "{request}", MetricType::up_down_counter, "Calls that wait for a connection.",
              [](const ServerMetrics& s) { return s.pending.value(); });
        family("request.outcome", "{request}", MetricType::counter,
               "Ended calls, with what is known of their execution.");
        each([&](const Row& r) { request_outcomes(*r.server); });
        retries("request.retries", "Attempts after the first that were paid for.", &ServerMetrics::retries);
        retries("request.transparent_retries", "Free resends of calls that were provably not executed.",
                &ServerMetrics::transparent_retries);
        plain("request.retry_budget", "{token}", MetricType::gauge, "Tokens left for retries.",
              [](const ServerMetrics& s) { return s.retry_budget.value(); });
        plain("request.late_responses", "{response}", MetricType::counter, "Answers nobody waited for any more.",
              [](const ServerMetrics& s) { return s.late_responses.value(); });
    }

    void circuits_and_pools() {
        family("circuit.state", "1", MetricType::gauge, "How many circuits are in each state: 0 or 1 of one.");
        each([&](const Row& r) {
            if (r.server->has_circuit) for_all(r.server->circuits, "state", circuit_states);
        });
        family("circuit.transitions", "{transition}", MetricType::counter, "Changes of a circuit's state.");
        each([&](const Row& r) {
            if (r.server->has_circuit) for_all(r.server->circuit_transitions, "to", circuit_states);
        });
        times(&ServerMetrics::Histograms::wait_time, "pool.wait_time", "From asking for a member to having one.",
              "mode", lease_modes);
        times(&ServerMetrics::Histograms::use_time, "pool.use_time", "How long members were kept.", "mode",
              lease_modes);
        family("pool.timeouts", "{timeout}", MetricType::counter,
               "Waits for a member, and leases of closing members, that took too long.");
        each([&](const Row& r) {
            if (r.server->has_pool) for_all(r.server->pool_timeouts, "reason", timeouts);
        });
        family("pool.leaks", "{lease}", MetricType::counter, "Leases reported as kept too long.");
        each([&](const Row& r) {
            if (r.server->has_pool) number(r.server->pool_leaks.value(), {{"reason", "held_too_long"}});
        });
        family("pool.evictions", "{connection}", MetricType::counter, "Members that were let go.");
        each([&](const Row& r) {
            if (r.server->has_pool) for_all(r.server->pool_evictions, "reason", evictions);
        });
        family("pool.max", "{connection}", MetricType::up_down_counter, "Most members a pool may have.");
        of_pools([](const ServerMetrics& s) { return s.pool_max.value(); });
        family("pool.idle.min", "{connection}", MetricType::up_down_counter, "Fewest idle members a pool keeps.");
        of_pools([](const ServerMetrics& s) { return s.pool_idle_min.value(); });
    }

    void traffic(std::int64_t gated) {
        family("io", "By", MetricType::counter,
               "Bytes of messages, as of the newest probe, change or second of calls.");
        each([&](const Row& r) { for_all(r.server->io, "direction", directions); });
        family("manager.gated", "{connection}", MetricType::up_down_counter,
               "Connections that wait for leave to open.");
        if (chosen() && first_) reader_.number({}, static_cast<double>(gated));
        plain("internal.stale_events", "{event}", MetricType::counter, "Events of transports that were gone already.",
              [](const ServerMetrics& s) { return s.stale_events.value(); });
    }

    void operations() {
        family("mcp.client.operation.duration", "s", MetricType::histogram, "Calls, with their waits and retries.");
        each([&](const Row& r) {
            const auto* histograms = r.server->histograms();
            if (histograms == nullptr) return;
            histograms->operations.each([&](const OperationMetrics& operation) {
                operation.read([&](Text type, const Histogram::Reading& reading) { one(r, operation, type, reading); });
            });
        });
        family("mcp.client.session.duration", "s", MetricType::histogram, "Sessions, from agreement to end.");
        each([&](const Row& r) {
            const auto* histograms = r.server->histograms();
            if (histograms == nullptr) return;
            histograms->sessions.each([&](const SessionMetrics& s) {
                placed(r, s.in_order.read(), {{"mcp.protocol.version", s.version}});
                placed(r, s.lost.read(), {{"error.type", "connection_lost"}, {"mcp.protocol.version", s.version}});
            });
        });
    }

    static constexpr std::size_t connected = 2;  // in `statuses`
    static constexpr std::size_t most_labels = 11;

    template <class Do>
    void each(Do&& act) {
        if (!chosen()) return;
        for (const Row& row : rows_) {
            labels_[0] = {"mcp.server.name", row.server->name()};
            act(row);
        }
    }
    void family(Text name, Text unit, MetricType type, Text help) {
        ++families_;
        if (chosen()) reader_.family({name, unit, type, help});
    }
    /// The family that was begun last is the one to be handed out.
    [[nodiscard]] bool chosen() const noexcept { return families_ == wanted_ + 1; }
    /// Appends to the server's name, or to the `n` labels that are there already.
    MetricLabels labels(std::initializer_list<MetricLabel> more, std::size_t n = 1) {
        for (const MetricLabel& label : more) {
            if (!label.value.empty() && n < most_labels) labels_[n++] = label;
        }
        return {labels_.data(), n};
    }
    /// A point of the conventions' histograms, which say where the server is.
    void placed(const Row& r, const Histogram::Reading& reading, std::initializer_list<MetricLabel> more) {
        if (reading.count == 0) return;
        const ServerPlace& place = *r.now.place;
        const std::size_t n = labels(more).size();
        reader_.histogram(labels({{"network.transport", place.transport},
                                  {"network.protocol.name", place.protocol},
                                  {"server.address", place.address},
                                  {"server.port", place.port}},
                                 n),
                          reading);
    }
    template <class Number>
    void number(Number value, std::initializer_list<MetricLabel> more) {
        reader_.number(labels(more), static_cast<double>(value));
    }
    void histogram(const Histogram::Reading& reading, std::initializer_list<MetricLabel> more) {
        if (reading.count != 0) reader_.histogram(labels(more), reading);
    }
    template <class Values, class Texts>
    void for_all(const Values& values, Text key, const Texts& texts) {
        for (std::size_t i = 0; i < texts.size(); ++i) number(values[i].value(), {{key, texts[i]}});
    }
    /// Only what has happened: most servers never meet most reasons.
    template <class Values, class Texts>
    void for_used(const Values& values, Text key, const Texts& texts) {
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (values[i].value() != 0) number(values[i].value(), {{key, texts[i]}});
        }
    }
    template <class Get>
    void plain(Text name, Text unit, MetricType type, Text help, Get&& get) {
        family(name, unit, type, help);
        each([&](const Row& r) { number(get(*r.server), {}); });
    }
    template <class Get>
    void of_pools(Get&& get) {
        each([&](const Row& r) {
            if (r.server->has_pool) number(get(*r.server), {});
        });
    }
    template <class Member, class Texts>
    void times(Member member, Text name, Text help, Text key, const Texts& texts) {
        family(name, "s", MetricType::histogram, help);
        each([&](const Row& r) {
            const auto* histograms = r.server->histograms();
            if (histograms == nullptr) return;
            for (std::size_t i = 0; i < texts.size(); ++i) {
                histogram((histograms->*member)[i].read(), {{key, texts[i]}});
            }
        });
    }
    template <class Member>
    void time(Member member, Text name, Text help) {
        family(name, "s", MetricType::histogram, help);
        each([&](const Row& r) {
            if (const auto* histograms = r.server->histograms()) histogram((histograms->*member).read(), {});
        });
    }
    void attempts(const ServerMetrics& server) {
        for (std::size_t kind = 0; kind < attempt_kinds.size(); ++kind) {
            number(server.attempts_ok[kind].value(), {{"outcome", "ok"}, {"kind", attempt_kinds[kind]}});
            for (std::size_t error = 0; error < ServerMetrics::error_kinds; ++error) {
                const auto value = server.attempts_bad[kind][error].value();
                if (value == 0) continue;
                number(value, {{"outcome", "failed"}, {"error.type", kind_text(error)}, {"kind", attempt_kinds[kind]}});
            }
        }
    }
    void request_outcomes(const ServerMetrics& server) {
        for (std::size_t c = 0; c < classes.size(); ++c) {
            const MetricLabel executed{"disposition", "executed"};
            number(server.answered[c].value(), {executed, {"class", classes[c]}});
            const auto tool_errors = server.tool_errors[c].value();
            if (tool_errors != 0) number(tool_errors, {executed, {"error.type", "tool_error"}, {"class", classes[c]}});
        }
        for (std::size_t d = 0; d < server.failed.size(); ++d) {
            for (std::size_t e = 0; e < server.failed[d].size(); ++e) {
                for (std::size_t c = 0; c < classes.size(); ++c) {
                    const auto value = server.failed[d][e][c].value();
                    if (value == 0) continue;
                    number(value,
                           {{"disposition", disposition_text(d)}, {"error.type", kind_text(e)}, {"class", classes[c]}});
                }
            }
        }
    }
    template <class Member>
    void retries(Text name, Text help, Member member) {
        family(name, "{retry}", MetricType::counter, help);
        each([&](const Row& r) {
            const auto& counters = (*r.server).*member;
            for (std::size_t e = 0; e < counters.size(); ++e) {
                if (counters[e].value() != 0) number(counters[e].value(), {{"reason", kind_text(e)}});
            }
        });
    }
    void one(const Row& r, const OperationMetrics& operation, Text type, const Histogram::Reading& reading) {
        const bool tool = operation.method() == "tools/call";
        placed(r, reading,
               {{"mcp.method.name", operation.method()},
                {tool ? "gen_ai.tool.name" : "gen_ai.prompt.name", operation.name()},
                {"gen_ai.operation.name", tool ? Text("execute_tool") : Text()},
                {"error.type", type},
                {"rpc.response.status_code", status_code(type)},
                {"mcp.protocol.version", operation.version()}});
    }

    MetricsReader& reader_;
    const std::span<const Row> rows_;
    const std::size_t wanted_;
    const bool first_;  // of the pieces of its family
    std::size_t families_ = 0;
    std::array<MetricLabel, most_labels> labels_{};
};

}  // namespace

MetricsReading::MetricsReading(const Metrics& metrics) : gated_(metrics.gated.value()) {
    auto servers = metrics.servers();
    rows_.reserve(servers.size());
    for (auto& server : servers) {
        auto now = server->summary();
        rows_.push_back({std::move(server), std::move(now)});
    }
}

MetricsReading::~MetricsReading() = default;

bool MetricsReading::next(MetricsReader& reader) {
    const std::size_t number = std::min(rows_of_a_piece, rows_.size() - row_);
    Walk walk(reader, std::span(rows_).subspan(row_, number), family_, row_ == 0);
    walk.all(gated_);
    row_ += number;
    if (row_ == rows_.size()) {
        row_ = 0;
        ++family_;
    }
    return family_ < walk.families();
}

}  // namespace haive::mcp
