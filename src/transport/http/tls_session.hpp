#pragma once

#include <cstddef>
#include <curl/curl.h>
#include <openssl/types.h>
#include <string>
#include <string_view>

namespace haive::mcp {

/// The OpenSSL session of a connection that libcurl has opened, spoken to without libcurl between: what libcurl does
/// around each send and receive costs as much as the encryption of a small message (docs/decisions/0010-tls-direct.md).
///
/// libcurl keeps the session, says goodbye in it and frees it; between `adopt` and that, nobody may send or receive
/// through the handle. This object has to outlive the handle's connection. Loop thread only.
class TlsSession {
public:
    TlsSession() = default;
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    /// False where there is no OpenSSL session that is the whole way to the server: TLS inside a proxy's TLS, or a
    /// libcurl with another TLS below it. Then nothing is changed.
    [[nodiscard]] bool adopt(CURL* easy);
    [[nodiscard]] bool adopted() const noexcept { return session_ != nullptr; }

    // As curl_easy_recv and curl_easy_send: CURLE_AGAIN when it must wait; zero bytes read is the end.
    [[nodiscard]] CURLcode read(char* into, std::size_t room, std::size_t& got);
    [[nodiscard]] CURLcode write(const char* from, std::size_t size, std::size_t& taken);
    /// Whether it holds bytes that it has read from the socket already; no poll shows those.
    [[nodiscard]] bool holds_bytes() const noexcept;
    /// Whether its last read from the socket took all there was.
    [[nodiscard]] bool socket_empty() const noexcept { return socket_empty_; }
    void expect_more() noexcept { socket_empty_ = false; }
    /// The last write must wait for something to read (a renegotiation of TLS 1.2), not for room.
    [[nodiscard]] bool wants_to_read() const noexcept { return wants_to_read_; }
    /// About the last failure; may be empty.
    [[nodiscard]] std::string_view words() const noexcept { return words_; }

private:
    struct Socket;  // its BIO
    [[nodiscard]] CURLcode failure(int result, CURLcode code);

    SSL* session_ = nullptr;
    int socket_ = -1;
    bool socket_empty_ = false;
    bool ended_ = false;  // the other side will send no more
    bool wants_to_read_ = false;
    std::string words_;
};

}  // namespace haive::mcp
