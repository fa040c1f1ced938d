#include "transport/http/tls_session.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace haive::mcp {

/// The socket as OpenSSL sees it. Its own one writes with write(2), whose SIGPIPE would end the program.
struct TlsSession::Socket {
    static TlsSession& of(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

    static int write(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
        BIO_clear_retry_flags(bio);
        const ssize_t n = send(of(bio).socket_, data, size, MSG_NOSIGNAL);
        if (n >= 0) {
            *written = static_cast<std::size_t>(n);
            return 1;
        }
        if (errno == EAGAIN || errno == EINTR) BIO_set_retry_write(bio);
        return 0;
    }

    static int read(BIO* bio, char* into, std::size_t room, std::size_t* got) {
        TlsSession& tls = of(bio);
        BIO_clear_retry_flags(bio);
        const ssize_t n = recv(tls.socket_, into, room, 0);
        tls.socket_empty_ = n <= 0 || static_cast<std::size_t>(n) < room;
        if (n > 0) {
            *got = static_cast<std::size_t>(n);
            return 1;
        }
        if (n == 0) tls.ended_ = true;
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
        return 0;
    }

    /// It never says BIO_CTRL_EOF: OpenSSL would take an end without a goodbye for a fatal error.
    static long control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

    /// Null when there is no memory for it. Lives as long as the program.
    static const BIO_METHOD* method() {
        static BIO_METHOD* const made = [] {
            BIO_METHOD* out = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "haive-mcp socket");
            if (out == nullptr) return out;
            BIO_meth_set_write_ex(out, &Socket::write);
            BIO_meth_set_read_ex(out, &Socket::read);
            BIO_meth_set_ctrl(out, &Socket::control);
            return out;
        }();
        return made;
    }
};

namespace {

SSL* session_of(CURL* easy) {
    curl_tlssessioninfo* info = nullptr;
    long proxy_status = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
    if (proxy_status != 0) return nullptr;
    if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || info == nullptr) return nullptr;
    if (info->backend != CURLSSLBACKEND_OPENSSL) return nullptr;
    return static_cast<SSL*>(info->internals);
}

}  // namespace

bool TlsSession::adopt(CURL* easy) {
    SSL* session = session_of(easy);
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (session == nullptr || curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK) return false;
    if (socket == CURL_SOCKET_BAD || Socket::method() == nullptr) return false;
    BIO* bio = BIO_new(Socket::method());
    if (bio == nullptr) return false;
    session_ = session;
    socket_ = socket;
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(session_, bio, bio);  // frees libcurl's
    SSL_set_mode(session_, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_set_read_ahead(session_, 1);  // a record's head and body are one read, not two
    return true;
}

bool TlsSession::holds_bytes() const noexcept { return SSL_has_pending(session_) != 0; }

CURLcode TlsSession::read(char* into, std::size_t room, std::size_t& got) {
    ERR_clear_error();
    const int result = SSL_read_ex(session_, into, room, &got);
    if (result == 1) return CURLE_OK;
    got = 0;
    return failure(result, CURLE_RECV_ERROR);
}

CURLcode TlsSession::write(const char* from, std::size_t size, std::size_t& taken) {
    ERR_clear_error();
    const int result = SSL_write_ex(session_, from, size, &taken);
    wants_to_read_ = false;
    if (result == 1) return CURLE_OK;
    taken = 0;
    const CURLcode code = failure(result, CURLE_SEND_ERROR);
    wants_to_read_ = code == CURLE_AGAIN && SSL_want_read(session_);
    return code == CURLE_OK ? CURLE_SEND_ERROR : code;
}

CURLcode TlsSession::failure(int result, CURLcode code) {
    const int os_error = errno;
    switch (SSL_get_error(session_, result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: return CURLE_AGAIN;
        case SSL_ERROR_ZERO_RETURN: return CURLE_OK;
        default: break;
    }
    // An end without the goodbye of TLS is an end, as it is to libcurl here: many servers close like that, and whether
    // an answer is whole its own framing says.
    if (ended_ && ERR_peek_error() == 0) return CURLE_OK;
    if (const unsigned long reason = ERR_get_error(); reason != 0) {
        std::array<char, 256> text{};
        ERR_error_string_n(reason, text.data(), text.size());
        words_.assign("TLS: ").append(text.data());
    } else {
        words_.assign(std::strerror(os_error));
    }
    return code;
}

}  // namespace haive::mcp
