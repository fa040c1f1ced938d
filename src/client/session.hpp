#pragma once

#include "client/call_wait.hpp"
#include "client/client_context.hpp"
#include "client/dialect.hpp"
#include "client/era_detector.hpp"
#include "client/signal.hpp"
#include "haive/mcp/client/session_facts.hpp"
#include "haive/mcp/protocol/caller.hpp"
#include "haive/mcp/transport/channel.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace haive::mcp {

/// Who is told what becomes of a session; the generation is the session's. Loop thread; each may let go of the session.
class SessionObserver {
public:
    virtual ~SessionObserver() = default;
    /// Once: the channel broke under the session, whose calls end next.
    virtual void on_lost(std::uint64_t generation, const ChannelEnd& end) = 0;
    /// The server does not know our session any more; the channel waits for `renew`.
    virtual void on_session_gone(std::uint64_t generation, const Error& why) = 0;
    /// A call of ours got an answer (proof of service).
    virtual void on_answer() = 0;
    /// Something odd was survived; the channel's evidence has changed.
    virtual void on_oddity() = 0;
};

/// One conversation over one channel: who is spoken to in which era, requests both ways, notifications.
/// It lives as long as its channel; the connection makes a new one for each generation. Loop thread only.
class ClientSession final : public Caller,
                            private Channel::Handler,
                            public std::enable_shared_from_this<ClientSession> {
public:
    ClientSession(std::shared_ptr<ClientContext> context, std::unique_ptr<Channel> channel, std::uint64_t generation);
    ~ClientSession() override;

    /// What a handshake came to.
    enum class Handshake : std::uint8_t { agreed, wants_fresh_channel };

    /// Starts the channel. Call once, before anything else; needs the shared_ptr to exist.
    void start();
    /// Finds the era and introduces the client. The detector remembers what was tried.
    Task<Result<Handshake>> handshake(EraDetector& detector, TimePoint deadline);

    /// A new session on the same channel, after the server forgot the old one. Calls in flight keep their ends.
    Task<Result<void>> renew(TimePoint deadline);

    /// One request. Ends once, by its limits, with the answer's raw result or an Error with its verdict.
    Task<Result<Reply>> call(Request request) override;
    /// The same for a request that the caller keeps; `limits` instead of the request's own.
    Task<Result<Reply>> call_once(const Request& request, CallLimits limits);
    /// The limits that a call's options mean, from `now` on.
    [[nodiscard]] CallLimits limits_of(const CallOptions& options, TimePoint now) const;
    /// A health probe: `ping` or `server/discover`. Any well-formed answer, error or not, is an answer.
    Task<Result<Duration>> probe(Duration limit);
    /// Modern era: what is listened to has changed. Ends when the server has acknowledged it.
    Task<Result<void>> listen_anew(TimePoint deadline);
    /// Sends a notification; best effort.
    void notify(std::string_view method, std::string_view params);

    /// Ends all calls in flight with `why` and their own verdicts.
    void fail_calls(const Error& why) { channel_->fail_calls(why); }
    void close(CloseMode mode, UniqueFunction<void()> done);

    [[nodiscard]] std::shared_ptr<const SessionFacts> facts() const noexcept { return facts_; }
    [[nodiscard]] const Channel& channel() const noexcept { return *channel_; }
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
    [[nodiscard]] bool lost() const noexcept { return lost_; }
    /// The oldest call in flight, or nullptr. Probes and the listen request do not count.
    [[nodiscard]] const CallWait* oldest_call() const noexcept {
        return in_flight_.empty() ? nullptr : &in_flight_.front();
    }
    [[nodiscard]] std::size_t calls_in_flight() const noexcept { return in_flight_count_; }

    /// Null: nobody. It must outlive its being told.
    void set_observer(SessionObserver* observer) noexcept { observer_ = observer; }

private:
    class Responder;
    /// Listening for changes.
    struct Listening {
        bool on = false;
        bool again = false;         // it is being ended to begin anew with other wishes
        bool acknowledged = false;  // the present one, by the server
        std::string filter;
        std::set<std::string, std::less<>> resources;
        std::shared_ptr<CancelSlot> cancel;  // of the request, or of the pause before the next
        Timer* patience = nullptr;
        Signal acknowledgement;
    };

    void on_message(const MessageView& message) override;
    void on_channel_lost(const ChannelEnd& end) override;
    void on_session_lost(const Error& why) override;
    void on_notifications_missed() override;
    void on_channel_note(std::string_view kind, std::string_view text) override;

    void on_request(const MessageView& message);
    void on_notification(const MessageView& message);
    void on_progress(std::string_view params);
    void on_catalogue_change(std::string_view what);
    void respond(std::string frame);
    [[nodiscard]] bool is_expected_elicitation(std::string_view params);
    [[nodiscard]] std::string header_lines_of(const Request& request) const;

    Task<Result<RawJson>> discover(std::string version, Duration limit, TimePoint deadline);
    Task<Result<RawJson>> initialize(TimePoint deadline);
    /// Whether an exchange is a call of the user's, which health looks at, or one of our own.
    enum class Whose : std::uint8_t { users, own };
    Task<Result<RawJson>> raw_call(const Request& request, CallLimits limits, bool progress_token, Whose whose);
    Task<Result<bool>> wait_for_life(TimePoint until);
    void adopt_modern(const EraDetector& detector, const RawJson& discovered);
    void adopt_legacy(const EraDetector& detector, const RawJson& initialized);
    void restore_standing();
    detail::Detached restore_one(Request request);
    detail::Detached listen_for_changes();
    void on_acknowledged(std::string_view params);
    void announce_gap(const std::set<std::string, std::less<>>& resources);
    Error decorate(Error error, const Request& request, TimePoint began) const;

    std::shared_ptr<ClientContext> context_;
    std::unique_ptr<Channel> channel_;
    Loop& loop_;
    const std::uint64_t generation_;
    Dialect dialect_ = Dialect::bare();
    std::shared_ptr<const SessionFacts> facts_;
    std::uint64_t next_id_ = 1;
    CallList in_flight_;  // in the order of sending: the first is the oldest
    std::size_t in_flight_count_ = 0;
    std::map<std::string, std::weak_ptr<Responder>, std::less<>> server_requests_;
    std::unique_ptr<Listening> listening_;  // modern era
    SessionObserver* observer_ = nullptr;
    bool lost_ = false;
    bool closing_ = false;
};

}  // namespace haive::mcp
