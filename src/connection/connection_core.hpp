#pragma once

#include "client/client_context.hpp"
#include "client/establish.hpp"
#include "client/session.hpp"
#include "connection/connection_machine.hpp"
#include "connection/connection_meter.hpp"
#include "connection/connection_record.hpp"
#include "connection/health_score.hpp"
#include "connection/monitor.hpp"
#include "connection/open_gate.hpp"
#include "connection/published_health.hpp"
#include "connection/retry_budget.hpp"
#include "connection/retry_ceiling.hpp"
#include "connection/retry_plan.hpp"
#include "connection/waiters.hpp"
#include "haive/mcp/connection/connection_options.hpp"
#include "haive/mcp/connection/explanation.hpp"
#include "haive/mcp/observe/call_observer.hpp"
#include "haive/mcp/protocol/caller.hpp"
#include "haive/mcp/transport/transport.hpp"

#include <atomic>
#include <functional>
#include <memory>

namespace haive::mcp {

class ConnectionClient;

/// Where a call can go on when its connection breaks: a pool's other members.
class Elsewhere {
public:
    virtual ~Elsewhere() = default;
    [[nodiscard]] virtual bool ready() const = 0;
};

/// What a call has been through, over all the connections that carry it one after the other.
struct CallCourse {
    const Elsewhere* elsewhere = nullptr;  ///< null: nowhere
    bool handed_back = false;              ///< ended only because it is better off elsewhere, where it may be sent
    RetryHistory history;
    Disposition worst = Disposition::not_sent;  ///< over all attempts: what the caller may rely on
    std::optional<Error> failure;               ///< of the last attempt
    std::optional<TraceContext> trace;          ///< the call's own, where calls are traced
};

/// What the driver itself needs of the options; the rest went to those who use it.
struct CoreSettings {
    Duration connection_timeout{};
    Duration request_timeout{};
    bool trust_annotations = false;
    bool wait_for_ready = false;
};

/// What is behind an MCPConnection: a dull driver around the pure connection_machine.
///
/// Every decision is `machine_.on(event, now)`; `apply` carries its actions out. The rest feeds events:
/// attempts, losses, timers, probes, calls. Loop thread only, but for the functions marked otherwise.
class ConnectionCore final : public Caller,
                             private SessionObserver,
                             public std::enable_shared_from_this<ConnectionCore> {
public:
    /// `metrics`: to which it is measured where several connections are one to those who look. Null: by its name.
    ConnectionCore(std::string name, std::shared_ptr<MCPTransport> transport, const ConnectionOptions& options,
                   std::shared_ptr<ServerMetrics> metrics = nullptr);
    ~ConnectionCore() override;
    /// After construction, when the shared_ptr exists.
    void adopt_client();

    // Operations.
    using Cancel = std::shared_ptr<CancelSlot>;
    Task<Result<void>> connect(Duration timeout, Cancel cancel);
    Task<Result<void>> disconnect(Cancel cancel);
    Task<Result<bool>> reconnect(Cancel cancel);
    Task<Result<json::object>> health_check(Cancel cancel);
    Task<Result<void>> wait_until_connected(Duration timeout, Cancel cancel);
    void start_monitoring();
    void stop_monitoring();
    /// What a fleet's connections share; before the first operation. Either may be null.
    void share(std::shared_ptr<OpenGate> gate, std::shared_ptr<RetryCeiling> retries, OpenPriority priority);
    /// Asks the shared gate for leave for a first attempt that is to wait its turn; then `hold` it and connect.
    std::unique_ptr<OpenTicket> ask_first_leave(OpenPriority priority, UniqueFunction<void()> granted) {
        return gate_->ask(priority, std::move(granted));
    }
    /// Leave to open that was asked for already: the next attempt uses it.
    void hold(std::unique_ptr<OpenTicket> leave) { leave_ = std::move(leave); }
    /// The handle is gone: close without anybody waiting.
    void abandon();

    /// A call through whatever generation is up, sent again where that is provably harmless.
    Task<Result<Reply>> call(Request request) override { return call_on(shared_from_this(), std::move(request)); }
    static Task<Result<Reply>> call_on(std::shared_ptr<ConnectionCore> self, Request request);
    /// The same for a request that its caller keeps until the end, to take it elsewhere when it is handed back.
    static Task<Result<Reply>> call_kept(std::shared_ptr<ConnectionCore> self, Request& request, CallCourse& course);
    Task<Result<Duration>> probe(Duration limit);
    /// The same for a connection that may be down: it is woken as a call would wake it.
    Task<Result<Duration>> reach(Duration limit);
    /// Runs for each pause that the server asked for (Retry-After). Loop thread.
    std::function<void(Duration)> on_retry_after;
    // Loop thread.
    [[nodiscard]] Phase machine_phase() const noexcept { return machine_.phase(); }
    [[nodiscard]] std::uint64_t failed_attempts() const noexcept { return record_->counters.failed_attempts; }

    // Any thread.
    [[nodiscard]] const std::string& name() const noexcept { return context_->server(); }
    [[nodiscard]] const CoreSettings& settings() const noexcept { return settings_; }
    [[nodiscard]] Runtime& runtime() noexcept { return context_->runtime(); }
    [[nodiscard]] const std::shared_ptr<ClientContext>& context() const noexcept { return context_; }
    [[nodiscard]] const std::shared_ptr<MCPTransport>& transport() const noexcept { return transport_; }
    [[nodiscard]] const std::shared_ptr<ConnectionClient>& client() const noexcept { return client_; }
    [[nodiscard]] ConnectionStatus status() const noexcept { return status_.load(std::memory_order_acquire); }
    [[nodiscard]] HealthReport health() const noexcept;
    [[nodiscard]] bool is_healthy(double threshold) const noexcept;
    /// What was published last: everything for get_info, explain and the errors of other threads.
    [[nodiscard]] ConnectionRecord record() const;
    [[nodiscard]] std::shared_ptr<const SessionFacts> facts() const;

    // For the monitor.
    [[nodiscard]] const std::shared_ptr<ClientSession>& session() const noexcept { return session_; }
    [[nodiscard]] HealthScore& health_score() noexcept { return health_; }
    [[nodiscard]] TimePoint last_response() const noexcept { return last_response_; }
    /// Takes a new snapshot for other threads.
    void publish();
    void publish_health() { published_.publish(health_.state()); }
    /// A probe went unanswered, the `in_a_row`th: what a loss that follows will be blamed on.
    void note_missed_probe(int in_a_row);
    void note_answer_after_misses();
    void note_round_trip(Duration measured);
    void raise(EventType type) { apply(type); }
    [[nodiscard]] Waiters& waiters() noexcept { return waiters_; }
    void emit(decltype(Event::what) what) noexcept;
    /// How long calls usually take; a call that waits far longer looks stuck (H-13).
    [[nodiscard]] Duration usual_call_time() const noexcept { return usual_call_time_; }
    [[nodiscard]] double chance() { return probe_random_.uniform(); }
    [[nodiscard]] ConnectionMeter& meter() noexcept { return meter_; }
    [[nodiscard]] Phase phase() const noexcept { return machine_.phase(); }
    [[nodiscard]] ConnectionStatus machine_status() const noexcept { return machine_.status(); }

private:
    void apply(EventType type, Cause cause = Cause(), std::uint64_t epoch = 0);
    void carry_out(const Actions& actions, Phase from, ConnectionStatus status_before);
    void wake_by_status();
    void open_transport();
    detail::Detached run_attempt(std::uint64_t epoch, TimePoint deadline, std::unique_ptr<OpenTicket> leave);
    void on_attempt_ok(std::uint64_t epoch, std::shared_ptr<ClientSession> session);
    void on_lost(std::uint64_t epoch, const ChannelEnd& end) override;
    void on_session_gone(std::uint64_t epoch, const Error& why) override;
    detail::Detached renew_session();
    /// The server forgot the session and a new one is on its way, on the same transport.
    [[nodiscard]] bool renewing() const noexcept { return session_ && machine_.phase() == Phase::handshaking; }
    void on_answer() override;
    void on_oddity() override { refresh_evidence_soon(); }
    void ask_leave();
    void close_transport(CloseMode mode);
    detail::Detached run_close(std::shared_ptr<ClientSession> session, CloseMode mode, std::uint64_t epoch);
    void announce(Phase from, ConnectionStatus status_before);
    void arm_phase_timer(EventType what, Duration wait);
    void set_reason(std::string reason);
    void note_failure(const Error& error);
    void heed_pause(const Error& error) const {
        if (on_retry_after && error.details().retry_after) on_retry_after(*error.details().retry_after);
    }
    void take_evidence(const ClientSession& session);
    void refresh_evidence_soon();

    Task<Waiters::Woken> wait_for(WaitFor what, TimePoint deadline, Cancel cancel);
    Error wait_error(Waiters::Woken how, const char* operation) const;
    Error not_usable() const;
    [[nodiscard]] bool is_usable() const noexcept {
        return machine_.status() == ConnectionStatus::connected && session_ != nullptr;
    }
    Task<Result<std::shared_ptr<ClientSession>>> usable_session(const Request& request, TimePoint deadline,
                                                                const Elsewhere* elsewhere = nullptr);
    template <class Kept>
    static Task<Result<Reply>> run_call(std::shared_ptr<ConnectionCore> self, Kept kept);
    void observe_call(const Result<Reply>& result, Duration waited);
    RetrySituation situation_of(const Request& request, const Error& error, TimePoint deadline) const;

    const std::shared_ptr<MCPTransport> transport_;
    const std::shared_ptr<ClientContext> context_;
    std::shared_ptr<ConnectionClient> client_;  // holds a weak pointer back
    Loop& loop_;
    SplitMix random_;        // of the backoff
    SplitMix probe_random_;  // of its own, so that neither disturbs the other

    ConnectionMachine machine_;
    HealthScore health_;
    RetryBudget budget_;
    Monitor monitor_;
    Waiters waiters_;
    std::shared_ptr<OpenGate> gate_;
    std::unique_ptr<OpenTicket> leave_;  // asked for, or held for the next attempt
    std::shared_ptr<RetryCeiling> retry_ceiling_;
    OpenPriority open_priority_ = OpenPriority::idle;
    Timer phase_timer_;
    EventType phase_timer_event_ = EventType::backoff_due;
    bool evidence_refresh_posted_ = false;

    std::shared_ptr<ClientSession> session_;  // the agreed one
    std::shared_ptr<Opening> opening_;        // the attempt in flight
    std::shared_ptr<ClientSession> failed_;   // of a failed attempt, to be closed
    std::optional<CloseMode> close_when_opened_;
    Duration connect_timeout_{};  // of the next attempt
    TimePoint last_response_{};
    Duration usual_call_time_{};
    const CoreSettings settings_;
    SharedRecord record_;

    std::atomic<ConnectionStatus> status_{ConnectionStatus::disconnected};
    PublishedHealth published_;
    // One writer, the loop; read by anybody.
    std::atomic<std::uint64_t> calls_{0};
    std::atomic<std::uint64_t> calls_failed_{0};
    std::atomic<std::uint64_t> retries_{0};
    std::uint64_t call_numbers_ = 0;
    ConnectionMeter meter_;  // the last member: it is asked from other threads until it is gone
};

}  // namespace haive::mcp
