#pragma once

#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/base/task.hpp"
#include "haive/mcp/transport/channel.hpp"
#include "haive/mcp/transport/http.hpp"
#include "transport/http/answer_plan.hpp"
#include "transport/http/http_requester.hpp"
#include "transport/http/sse_parser.hpp"

#include <memory>
#include <optional>
#include <string>

namespace haive::mcp {

class HttpChannel;

/// One message on its way to the server, and what comes back for it: a body, a stream of events, a refusal.
///
/// It is sent once. Three things let it be sent again, each an explicit refusal of the server, unread: 401
/// with fresh credentials (once), and redirects within the origin (five). A broken stream of the legacy era
/// is resumed with a GET, which sends nothing again. Owned by its channel; loop thread only.
class HttpPost final : private HttpHandler, private SseParser::Sink {
public:
    /// `exchange` is null for a notification or response: nobody waits, refusals are only noted.
    HttpPost(HttpChannel& channel, Outbound message, Exchange* exchange);
    ~HttpPost() override;

    void send();
    /// Why the server could not be reached, until the channel has decided what that means.
    std::optional<Error> unreachable;

    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
    [[nodiscard]] Exchange* exchange() const noexcept { return exchange_; }
    [[nodiscard]] const std::string& method() const noexcept { return method_; }
    /// What is known at this moment about its execution.
    [[nodiscard]] Disposition verdict() const noexcept;
    /// The message, to be sent another way after the server refused this one.
    [[nodiscard]] Outbound take_message();

private:
    void on_timer();
    void start();
    void begin(std::string authorization);
    detail::Detached ask_credentials(HttpChallenge challenge);

    // HttpHandler
    void on_head(const HttpHead& head) override;
    void on_body(char* data, std::size_t size) override;
    void on_end(HttpEnd end) override;
    // SseParser::Sink
    bool on_event(const SseEvent& event) override;
    bool on_overlong(const OverlongEvent& event) override;

    void on_broken(HttpEnd end);
    void on_message_end();
    void on_stream_end();
    void on_refusal_end();
    void too_large(std::size_t size);
    /// Hands a message on. False when this object is gone or the exchange has its answer.
    bool take_text(std::string_view text);
    bool take(const MessageView& message);
    void follow();
    [[nodiscard]] bool resumable() const noexcept;
    void resume_later();
    void resume();
    void lost(std::string text);
    void fail(Error error);

    HttpChannel& channel_;
    const std::shared_ptr<HttpRequester> requester_;
    Exchange* exchange_;
    const std::uint64_t id_;
    const std::string method_;
    const std::string name_;
    const std::string version_;
    std::string parameter_headers_;
    const bool harmless_twice_;
    std::string frame_;
    std::uint64_t session_serial_ = 0;  // of the session it was sent in; 0 for none

    std::unique_ptr<HttpOperation> operation_;
    AnswerReading reading_ = AnswerReading::nothing;
    RefusalFacts refusal_;
    std::string www_authenticate_;
    std::string location_;
    std::string body_;
    std::size_t skipped_ = 0;  // of a body over the limit
    SseParser events_;
    std::string resumed_from_;  // the event id of the newest resume
    int resumes_in_vain_ = 0;
    int redirects_ = 0;
    bool authorized_again_ = false;
    bool seen_ = false;      // a success's head has come: the server has the request
    bool resuming_ = false;  // the operation is a GET
    Timer timer_;
    bool* gone_ = nullptr;             // set while foreign code runs: tells that this object is no more
    std::shared_ptr<HttpPost*> self_;  // only while credentials are asked
};

}  // namespace haive::mcp
