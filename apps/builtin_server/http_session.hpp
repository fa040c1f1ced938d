#pragma once

#include "conversation.hpp"
#include "http_answer.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace builtin {

/// One stream of a session: what the server says about one request of the client, or (the general one) about none.
/// What was said stays here, so that a client that lost its connection can read on by the ids of the events.
class SessionStream final : public Outlet, public std::enable_shared_from_this<SessionStream> {
public:
    /// `number` is unique in the session, 0 for the general stream. `primes`: the revision knows the event that only
    /// brings an id. `general`: where notifications go while answers are never streams; nullptr for itself.
    SessionStream(World& world, unsigned number, bool primes, std::shared_ptr<SessionStream> general)
        : world_(world), number_(number), primes_(primes), general_(std::move(general)) {}

    void line(std::string_view json) override;
    void answer(std::string_view json, int code) override;
    void interrupt(bool answers_later) override;

    /// The POST that is answered here.
    void belongs_to(HttpAnswerPtr answer);
    /// A GET that reads on after the event of that number. False when that event is forgotten.
    [[nodiscard]] bool resume(HttpAnswerPtr answer, unsigned after);
    /// A GET of the general stream: gets what nobody got yet.
    void attach(HttpAnswerPtr answer);
    void close();
    [[nodiscard]] bool finished() const noexcept { return answered_; }

private:
    struct Event {
        unsigned number;
        std::string data;
    };
    [[nodiscard]] std::string id(unsigned event) const;
    void keep(std::string_view json);
    /// Begins to stream; what comes next follows the event `after`.
    void begin(unsigned after);
    void send_from(unsigned after);

    World& world_;
    const unsigned number_;
    const bool primes_;
    const std::shared_ptr<SessionStream> general_;
    HttpAnswerPtr answer_;
    std::deque<Event> events_;
    std::size_t kept_bytes_ = 0;
    unsigned last_event_ = 0;
    unsigned sent_ = 0;  // the last event that was handed to a connection
    bool answered_ = false;
};
using SessionStreamPtr = std::shared_ptr<SessionStream>;

/// One legacy client over HTTP, from its initialize on.
class HttpSession {
public:
    explicit HttpSession(World& world);
    ~HttpSession();
    HttpSession(const HttpSession&) = delete;
    HttpSession& operator=(const HttpSession&) = delete;

    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    /// A message that was sent by POST. `version`: what the request's header says, or what initialize asks for.
    void post(json::object message, const std::string& version, HttpAnswerPtr answer);
    /// A notification or an answer: nothing is said about it.
    void take(json::object message);
    /// A GET: the general stream, or the stream of that event. False when that event is not known.
    [[nodiscard]] bool get(HttpAnswerPtr answer, const std::string* last_event_id);

private:
    void trim();

    World& world_;
    const std::string id_;
    const SessionStreamPtr general_;
    const std::shared_ptr<Conversation> conversation_;
    std::map<unsigned, SessionStreamPtr> streams_;
    unsigned next_stream_ = 1;
};

}  // namespace builtin
