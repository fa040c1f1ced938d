#pragma once

#include "transport/http/curl_multi.hpp"
#include "transport/http/http_wire.hpp"
#include "transport/http/tls_session.hpp"
#include "transport/loop/descriptor.hpp"
#include "transport/loop/epoll_loop.hpp"
#include "transport/stream/stream_resources.hpp"

#include <memory>
#include <string>

namespace haive::mcp {

/// An easy handle that is taken out of its multi and cleaned up with its owner; never inside curl's callbacks.
class CurlHandle {
public:
    /// Throws std::bad_alloc.
    explicit CurlHandle(std::shared_ptr<CurlMulti> multi);
    ~CurlHandle() { reset(); }
    CurlHandle(CurlHandle&& other) noexcept
        : multi_(std::move(other.multi_)),
          easy_(std::exchange(other.easy_, nullptr)),
          words_(std::move(other.words_)),
          added_(other.added_) {}
    CurlHandle& operator=(CurlHandle&&) = delete;

    /// What curl and TLS say about the last failure; may be empty.
    [[nodiscard]] std::string_view words() const noexcept { return words_.get(); }

    [[nodiscard]] CURL* get() const noexcept { return easy_; }
    void start(CurlMulti::Done done) {
        added_ = true;
        multi_->add(easy_, std::move(done));
    }
    /// Closes the connection.
    void reset() noexcept {
        if (easy_ == nullptr) return;
        if (added_) multi_->remove(easy_);
        curl_easy_cleanup(std::exchange(easy_, nullptr));
    }

private:
    std::shared_ptr<CurlMulti> multi_;
    CURL* easy_;
    std::unique_ptr<char[]> words_;
    bool added_ = false;
};

/// A connection that stays libcurl's: TLS, or a tunnel through a proxy that speaks TLS. Its bytes go through OpenSSL's
/// session directly where there is one, else through libcurl.
///
/// The rules (docs/decisions/0007-http-and-sockets.md, 0010-tls-direct.md): the handle stays in the multi for life; it
/// is touched once at the start, or libcurl takes the connection for idle and closes it; the session is taken over
/// when libcurl holds no byte of it; at most one TLS record a send, and after a full buffer the same length again,
/// through libcurl from the same pointer too; reads go on until neither libcurl nor OpenSSL holds a byte, because no
/// poll shows those; readiness is awaited on a duplicate, which is closed first.
class CurlWire final : public HttpWire {
public:
    CurlWire(EpollLoop& loop, StreamResources& resources, CurlHandle handle, int duplicate);
    ~CurlWire() override;

    void start(Handler& handler) override;
    Written write(std::span<const iovec> pieces) override;
    void await_writable() override;
    void close() noexcept override;
    [[nodiscard]] bool still_open() override;
    [[nodiscard]] bool counts_exactly() const noexcept override { return false; }

private:
    void await_readable();
    void on_readable();
    bool read_some(std::size_t budget);
    void end(CURLcode code);
    [[nodiscard]] CURLcode receive(char* into, std::size_t room, std::size_t& got);
    [[nodiscard]] CURLcode transmit(std::string_view bytes, std::size_t& taken);
    [[nodiscard]] std::string_view next_record(std::span<const iovec> pieces, std::size_t skip);

    EpollLoop& loop_;
    StreamResources& resources_;
    bool touched_ = false;           // through libcurl, until it held nothing
    bool write_after_read_ = false;  // the rest of a write waits for what is read next
    TlsSession tls_;                 // before the handle, which says goodbye through it
    CurlHandle curl_;
    Descriptor descriptor_;
    Handler* handler_ = nullptr;
    std::string record_;        // several pieces as one record; lives until it was taken
    std::string_view pending_;  // what curl was offered and did not take
    std::shared_ptr<CurlWire*> self_;
};

}  // namespace haive::mcp
