#pragma once

#include "transport/http/http_inflate.hpp"
#include "transport/http/http_requester.hpp"
#include "transport/http/http_response_parser.hpp"
#include "transport/http/http_wire.hpp"
#include "transport/loop/epoll_loop.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace haive::mcp {

/// One connection and the one exchange that is on it, if any. It knows how much of the request went out and
/// whether another may follow; it never sends anything twice. Loop thread only.
class HttpConnection final : public std::enable_shared_from_this<HttpConnection>,
                             ByteStream::Handler,
                             HttpResponseParser::Sink,
                             HttpInflate::Sink {
public:
    /// Whose exchange it is. Each call may let go of the connection, or `abandon` it.
    class User {
    public:
        virtual ~User() = default;
        virtual void on_head(const HttpHead& head) = 0;
        virtual void on_body(char* data, std::size_t size) = 0;
        /// Once, last. Without an error the answer came whole; then `reusable` tells what next.
        virtual void on_finish(std::optional<Error> error) = 0;
    };
    /// Who keeps it while it is idle.
    class Keeper {
    public:
        virtual ~Keeper() = default;
        /// It broke, or the server closed it, while nothing was asked.
        virtual void idle_connection_ended(HttpConnection& connection) = 0;
    };

    HttpConnection(EpollLoop& loop, std::unique_ptr<HttpWire> wire, const std::string& authority, HttpTimings timings,
                   Keeper& keeper);
    ~HttpConnection() override;

    /// Starts reading; after construction, once.
    void start() { wire_->start(*this); }
    /// Starts an exchange; `request` has to stay where it is until the exchange ends. False: the connection
    /// was dead, provably before one byte went out, and is closed; the user is not told.
    [[nodiscard]] bool send(const HttpRequest& request, User& user);
    [[nodiscard]] HttpSent sent() const noexcept { return sent_; }
    /// Looks whether an idle connection can be used again.
    [[nodiscard]] bool still_open() { return open_ && wire_->still_open(); }
    /// Whether it may carry another exchange; asked in `on_finish`.
    [[nodiscard]] bool reusable() const noexcept { return open_ && reusable_; }
    /// The answer's `Keep-Alive` value; asked in `on_finish`.
    [[nodiscard]] const std::string& keep_alive() const noexcept { return keep_alive_; }
    /// Ends the exchange without a word and closes.
    void abandon() noexcept;

private:
    void on_bytes(char* data, std::size_t size) override;
    void on_writable() override { push(); }
    void on_stream_end(Error error, bool graceful) override;
    bool on_head(HttpHead& head) override;
    bool on_body(char* data, std::size_t size) override;
    bool on_inflated(char* data, std::size_t size) override;

    void write_head(const HttpRequest& request);
    /// Writes what it can; false: broken.
    bool push();
    void complete();
    void finish(std::optional<Error> error);
    [[nodiscard]] bool choose_coding(std::string_view coding);
    [[nodiscard]] Error verdict(Error error) const;

    EpollLoop& loop_;
    Keeper& keeper_;
    std::unique_ptr<HttpWire> wire_;
    std::string host_line_;
    HttpTimings timings_;
    HttpResponseParser parser_;
    std::unique_ptr<HttpInflate> inflate_;
    User* user_ = nullptr;
    bool open_ = true;
    bool reusable_ = false;
    HttpSent sent_ = HttpSent::nothing;
    std::string_view fault_;  // of ours with the body; literals
    std::string head_;
    std::string_view body_;
    std::size_t written_ = 0;
    TimePoint sent_at_{};
    TimePoint first_byte_at_{};
    std::string keep_alive_;
};

}  // namespace haive::mcp
