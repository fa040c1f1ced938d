#pragma once

#include "haive/mcp/transport/channel.hpp"
#include "haive/mcp/transport/http.hpp"
#include "transport/http/cookie_jar.hpp"
#include "transport/http/http_requester.hpp"
#include "transport/http/http_url.hpp"

#include <memory>
#include <string>

namespace haive::mcp {

class Runtime;

/// What all exchanges with one server over HTTP share: where it is, what every request carries, what was
/// seen. Loop thread only.
class HttpConversation {
public:
    HttpConversation(Runtime& runtime, std::shared_ptr<HttpRequester> requester, HttpUrl url, HttpOptions options);

    [[nodiscard]] Runtime& runtime() noexcept { return runtime_; }
    [[nodiscard]] Loop& loop() noexcept { return loop_; }
    [[nodiscard]] const std::shared_ptr<HttpRequester>& requester() const noexcept { return requester_; }
    [[nodiscard]] const HttpOptions& options() const noexcept { return options_; }
    [[nodiscard]] const HttpUrl& url() const noexcept { return url_; }
    void move_to(HttpUrl url) { url_ = std::move(url); }

    /// The headers of a POST that carries `message`.
    [[nodiscard]] std::string post_headers(const Outbound& message) const;
    /// The headers of a GET that asks for events; `last_event_id` empty for a fresh stream.
    [[nodiscard]] std::string event_headers(std::string_view last_event_id) const;
    /// The headers of a DELETE.
    [[nodiscard]] std::string plain_headers() const;
    [[nodiscard]] TimePoint connect_deadline() const;

    /// Notes what an answer's head tells: status, times, cookies.
    void note_head(const HttpHead& head);
    void note_bytes(std::size_t size);

    /// Routes one message's text (64 readable bytes behind it), or what a batch is made of.
    /// `each(const MessageView&)` may destroy everything; false when the text was no message.
    template <class Each>
    bool route(std::string_view text, Each&& each);

    // The legacy era's session. A loss counts once, whoever meets it first.
    [[nodiscard]] const std::string& session_id() const noexcept { return session_id_; }
    [[nodiscard]] std::uint64_t session_serial() const noexcept { return session_serial_; }
    void begin_session(std::string_view id);
    void end_session();
    /// What later requests say in `MCP-Protocol-Version` when the message has no version of its own.
    void set_version(std::string_view version) { version_ = version; }

    ChannelEvidence evidence;
    bool worked = false;        ///< the URL has answered with MCP
    std::string authorization;  ///< the value that was used last

private:
    bool route_one(std::string_view text, void (*each)(void*, const MessageView&), void* self);

    Runtime& runtime_;
    Loop& loop_;
    const std::shared_ptr<HttpRequester> requester_;
    HttpUrl url_;
    const HttpOptions options_;
    std::string fixed_headers_;
    CookieJar cookies_;
    std::string session_id_;
    std::uint64_t session_serial_ = 1;
    std::string version_;
};

template <class Each>
bool HttpConversation::route(std::string_view text, Each&& each) {
    struct Adapter {
        static void call(void* self, const MessageView& message) {
            (*static_cast<std::remove_reference_t<Each>*>(self))(message);
        }
    };
    return route_one(text, &Adapter::call, &each);
}

/// The JSON-RPC id of an answer to one of our requests: ours are numbers, though some servers make text of
/// them. 0 for anything else.
[[nodiscard]] std::uint64_t id_of_answer(const MessageView& message) noexcept;

/// What is wrong with headers that a user configured; empty when nothing is.
[[nodiscard]] std::string header_problem(const HttpOptions& options);

}  // namespace haive::mcp
