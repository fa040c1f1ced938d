#pragma once

#include "haive/mcp/base/loop.hpp"
#include "transport/http/http_conversation.hpp"
#include "transport/http/sse_parser.hpp"

#include <map>
#include <memory>
#include <vector>

namespace haive::mcp {

/// HTTP+SSE of 2024-11-05: one stream of events brings everything, messages go out as POSTs beside it. The
/// stream's loss is the session's, and so the channel's.
class SseChannel final : public Channel, private HttpHandler, private SseParser::Sink {
public:
    SseChannel(Runtime& runtime, std::shared_ptr<HttpRequester> requester, HttpUrl url, HttpOptions options);
    ~SseChannel() override;

    /// Told once, when the server has named its endpoint: it speaks this.
    UniqueFunction<void()> on_open;
    /// What was refused before this was tried, for the error when this fails too.
    std::string tried_before;

    /// Asks for the stream. Messages may be sent at once: they wait for the server to name its endpoint, and
    /// fail as the stream does when it names none.
    void start(Handler& handler) override;
    void exchange(Outbound message, Exchange& exchange) override;
    bool send(Outbound message) override;
    Disposition abandon(std::uint64_t id) override;
    Exchange* find(std::uint64_t id) override;
    std::size_t in_flight() const noexcept override { return calls_.size() + early_.size(); }
    ChannelEvidence evidence() const override { return conversation_.evidence; }
    TimePoint last_byte_in() const noexcept override { return conversation_.evidence.last_byte_in; }
    void fail_calls(const Error& why) override;
    void close(CloseMode mode, UniqueFunction<void()> done) override;

private:
    enum class State : std::uint8_t { opening, open, ended };
    class Post;

    void on_head(const HttpHead& head) override;
    void on_body(char* data, std::size_t size) override;
    void on_end(HttpEnd end) override;
    bool on_event(const SseEvent& event) override;
    bool on_overlong(const OverlongEvent& event) override;

    /// A request that waits for the endpoint.
    struct Early {
        Outbound message;
        Exchange* exchange;
    };

    detail::Detached ask_credentials();
    void ask(std::string authorization);
    void post(Outbound message, Exchange& exchange);
    void on_endpoint(std::string_view reference);
    void deliver(const MessageView& message);
    void end(Error error);
    /// A message was refused by the endpoint, or could not be brought there.
    void refused(std::uint64_t id, Error error);
    void forget(Post& notice);

    HttpConversation conversation_;
    Handler* handler_ = nullptr;
    std::vector<Early> early_;
    State state_ = State::opening;
    std::unique_ptr<HttpOperation> stream_;
    SseParser parser_;
    HttpUrl endpoint_;
    std::map<std::uint64_t, std::unique_ptr<Post>> calls_;  // by id
    std::map<Post*, std::unique_ptr<Post>> notices_;
    std::uint64_t highest_id_ = 0;
    std::shared_ptr<SseChannel*> self_;  // nulled in the destructor
};

}  // namespace haive::mcp
