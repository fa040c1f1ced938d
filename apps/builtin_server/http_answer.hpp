#pragma once

#include "http_connection.hpp"
#include "http_fault_table.hpp"
#include "world.hpp"

#include <string>
#include <string_view>

namespace builtin {

/// The answer to one POST or GET while it is made: one JSON text, or a stream of events; with the faults that the
/// switches ask for.
class HttpAnswer : public std::enable_shared_from_this<HttpAnswer> {
public:
    /// `faulty`: this is one of the answers that the faults hit.
    HttpAnswer(World& world, HttpReplyPtr reply, bool faulty, HttpHeaders extra = {})
        : world_(world), reply_(std::move(reply)), extra_(std::move(extra)), faulty_(faulty) {}

    /// The client still listens.
    [[nodiscard]] bool open() const { return reply_->open(); }
    [[nodiscard]] bool streaming() const { return reply_->begun(); }
    void on_gone(std::function<void()> gone) { reply_->on_gone(std::move(gone)); }

    /// A fault: the connection breaks once the client has an id to resume from, which prime() is to give it.
    [[nodiscard]] bool breaks_after_id() const { return faulty_ && world_.switches.drop_after_id; }
    /// Starts the stream of events, if it has not begun.
    void begin();
    /// One event; an empty `id` for none. Begins the stream.
    void event(std::string_view id, std::string_view data);
    /// The event that only gives the client an id to resume from. Begins the stream.
    void prime(std::string_view id);
    /// The last word: as the last event of the stream, or as JSON with this HTTP status if none was begun.
    void last(int status, std::string_view id, std::string_view json);
    void end() { reply_->end(); }
    void drop() { reply_->drop(); }

private:
    [[nodiscard]] HttpHeaders headers(std::string_view type) const;
    [[nodiscard]] bool spoil(std::string_view json);
    void chatter();

    World& world_;
    HttpReplyPtr reply_;
    HttpHeaders extra_;
    bool faulty_;
};
using HttpAnswerPtr = std::shared_ptr<HttpAnswer>;

/// A JSON-RPC error with the given HTTP status, to a request that no conversation takes.
void refuse_over_http(HttpReply& reply, int status, const json::value& id, const Refusal& refusal,
                      HttpHeaders extra = {});

/// What a fault refuses with.
void refuse_by_fault(HttpReply& reply, const HttpRefusal& refusal);

}  // namespace builtin
