#pragma once

#include "transport/http/event_stream.hpp"
#include "transport/http/http_conversation.hpp"
#include "transport/http/http_post.hpp"

#include <map>
#include <memory>
#include <vector>

namespace haive::mcp {

/// Streamable HTTP: each message a POST of its own, in both eras. Sockets come and go underneath; what can
/// be lost is the legacy era's session, and the channel then serves a new one.
class HttpChannel final : public Channel {
public:
    /// Asked when `initialize` was refused as an endpoint of 2024-11-05 would (400, 404, 405). True: the call
    /// is taken over.
    using InitializeRefused = UniqueFunction<bool(Outbound message, Exchange& exchange, const Error& why)>;

    HttpChannel(Runtime& runtime, std::shared_ptr<HttpRequester> requester, HttpUrl url, HttpOptions options);
    ~HttpChannel() override;

    InitializeRefused on_initialize_refused;
    /// Told once when the server has answered with MCP.
    UniqueFunction<void()> on_worked;

    [[nodiscard]] bool carries_headers() const noexcept override { return true; }
    void start(Handler& handler) override;
    void exchange(Outbound message, Exchange& exchange) override;
    bool send(Outbound message) override;
    Disposition abandon(std::uint64_t id) override;
    Exchange* find(std::uint64_t id) override;
    std::size_t in_flight() const noexcept override { return calls_.size(); }
    ChannelEvidence evidence() const override { return conversation_.evidence; }
    TimePoint last_byte_in() const noexcept override { return conversation_.evidence.last_byte_in; }
    void fail_calls(const Error& why) override;
    void close(CloseMode mode, UniqueFunction<void()> done) override;

    // For the posts and the event stream.
    [[nodiscard]] HttpConversation& conversation() noexcept { return conversation_; }
    /// A request or notification of the server.
    void deliver(const MessageView& message);
    /// An answer on a stream that it does not belong to.
    void deliver_answer(const MessageView& message);
    void note(std::string_view kind, std::string_view text);
    void notifications_missed();
    /// The event stream could not be had again. Whether that ends the channel, which is then not usable any more.
    bool lost_by(const Error& error);
    // The ends of a post; it is gone afterwards.
    void settle(HttpPost& post, const MessageView& answer);
    void fail(HttpPost& post, Error error);
    void accepted(HttpPost& post);
    void refuse_session(HttpPost& post, std::uint64_t serial, Error error);

private:
    /// `ending`: closed by us after the server forgot the session; what it refuses of it is still read.
    enum class State : std::uint8_t { created, open, ending, ended };

    std::unique_ptr<HttpPost> take(HttpPost& post);
    void end_calls(const Error& why);
    void end();
    [[nodiscard]] bool says_unreachable(const Error& error) const;
    [[nodiscard]] bool awaits_answers() const;
    void lose(const Error& error);
    void on_unreachable();

    HttpConversation conversation_;
    Handler* handler_ = nullptr;
    State state_ = State::created;
    std::map<std::uint64_t, std::unique_ptr<HttpPost>> calls_;  // by id
    std::vector<std::unique_ptr<HttpPost>> notices_;
    std::uint64_t highest_id_ = 0;
    bool session_gone_ = false;                   // and no new one yet
    std::vector<UniqueFunction<void()>> closed_;  // who waits for the end of `ending`
    Timer ending_limit_;
    bool unreachable_ = false;  // calls wait for what that means
    Timer unreachable_due_;
    EventStream events_;
};

}  // namespace haive::mcp
