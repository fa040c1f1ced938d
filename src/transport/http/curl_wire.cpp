#include "transport/http/curl_wire.hpp"

#include "transport/http/connect_error.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <string>
#include <sys/socket.h>

namespace haive::mcp {

namespace {

constexpr std::size_t read_budget = std::size_t{256} << 10;
constexpr std::size_t record_limit = std::size_t{16} << 10;  // of TLS; more a send hides what went out

}  // namespace

CurlHandle::CurlHandle(std::shared_ptr<CurlMulti> multi)
    : multi_(std::move(multi)), easy_(curl_easy_init()), words_(std::make_unique<char[]>(CURL_ERROR_SIZE)) {
    if (easy_ == nullptr) throw std::bad_alloc();
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, words_.get());
}

CurlWire::CurlWire(EpollLoop& loop, StreamResources& resources, CurlHandle handle, int duplicate)
    : loop_(loop),
      resources_(resources),
      curl_(std::move(handle)),
      descriptor_(loop, duplicate),
      self_(std::make_shared<CurlWire*>(this)) {}

CurlWire::~CurlWire() {
    *self_ = nullptr;
    close();
}

void CurlWire::start(Handler& handler) {
    handler_ = &handler;
    // The touch that makes it ours in libcurl's eyes; bytes that are there already are delivered as any.
    loop_.post([self = self_] {
        if (*self != nullptr) (*self)->on_readable();
    });
}

CURLcode CurlWire::receive(char* into, std::size_t room, std::size_t& got) {
    return tls_.adopted() ? tls_.read(into, room, got) : curl_easy_recv(curl_.get(), into, room, &got);
}

CURLcode CurlWire::transmit(std::string_view bytes, std::size_t& taken) {
    return tls_.adopted() ? tls_.write(bytes.data(), bytes.size(), taken)
                          : curl_easy_send(curl_.get(), bytes.data(), bytes.size(), &taken);
}

void CurlWire::close() noexcept {
    handler_ = nullptr;
    pending_ = {};
    descriptor_.close();
    curl_.reset();
}

bool CurlWire::still_open() {
    if (curl_.get() == nullptr) return false;
    char byte = 0;
    if (tls_.adopted() && !tls_.holds_bytes()) {
        const ssize_t seen = recv(descriptor_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (seen < 0 && errno == EAGAIN) return true;
    }
    std::size_t n = 0;
    return receive(&byte, 1, n) == CURLE_AGAIN;
}

/// What to offer next: one whole piece's start, or the short beginnings of several put together, so that a
/// small request is one record.
std::string_view CurlWire::next_record(std::span<const iovec> pieces, std::size_t skip) {
    while (!pieces.empty() && skip >= pieces.front().iov_len) {
        skip -= pieces.front().iov_len;
        pieces = pieces.subspan(1);
    }
    if (pieces.empty()) return {};
    const auto view = [&](const iovec& piece, std::size_t from) {
        return std::string_view(static_cast<const char*>(piece.iov_base), piece.iov_len).substr(from);
    };
    const std::string_view first = view(pieces.front(), skip);
    if (pieces.size() == 1 || first.size() >= record_limit) return first.substr(0, record_limit);
    record_.assign(first);
    for (const iovec& piece : pieces.subspan(1)) {
        record_.append(view(piece, 0).substr(0, record_limit - record_.size()));
    }
    return record_;
}

ByteStream::Written CurlWire::write(std::span<const iovec> pieces) {
    Written out;
    if (curl_.get() == nullptr) {
        out.broken = true;
        return out;
    }
    for (;;) {
        // As much as was offered before; where OpenSSL itself is asked, from where it lies now.
        if (pending_.empty()) {
            pending_ = next_record(pieces, out.bytes);
        } else if (tls_.adopted()) {
            pending_ = next_record(pieces, out.bytes).substr(0, pending_.size());
        }
        if (pending_.empty()) break;
        std::size_t n = 0;
        const CURLcode code = transmit(pending_, n);
        if (code == CURLE_AGAIN || (code == CURLE_OK && n == 0)) {
            out.blocked = true;
            return out;
        }
        if (code != CURLE_OK) {
            out.broken = true;
            loop_.post([self = self_, code] {
                for (int rounds = 0; rounds < 16; ++rounds) {
                    if (*self == nullptr || (*self)->handler_ == nullptr || !(*self)->read_some(read_budget)) break;
                }
                if (*self != nullptr) (*self)->end(code);
            });
            return out;
        }
        out.bytes += n;
        pending_.remove_prefix(n);
    }
    if (record_.capacity() > 0) record_ = std::string();  // an idle connection owns no buffer
    return out;
}

void CurlWire::await_writable() {
    if (!descriptor_.is_open()) return;
    if (tls_.adopted() && tls_.wants_to_read()) {
        write_after_read_ = true;
        return;
    }
    descriptor_.wait_writable([self = self_] {
        if (*self == nullptr || (*self)->handler_ == nullptr) return;
        (*self)->handler_->on_writable();
    });
}

void CurlWire::await_readable() {
    if (!descriptor_.is_open()) return;
    descriptor_.wait_readable([self = self_] {
        if (*self == nullptr) return;
        (*self)->on_readable();
    });
}

void CurlWire::on_readable() {
    auto self = self_;
    const bool more = handler_ != nullptr && read_some(read_budget);
    if (*self == nullptr || handler_ == nullptr) return;
    if (more) {
        loop_.post([self] {
            if (*self != nullptr) (*self)->on_readable();
        });
    } else {
        // Once libcurl holds nothing of it any more; where there is no session to take over, it goes on.
        if (!std::exchange(touched_, true)) (void)tls_.adopt(curl_.get());
        await_readable();
    }
    if (std::exchange(write_after_read_, false)) handler_->on_writable();
}

bool CurlWire::read_some(std::size_t budget) {
    auto self = self_;
    tls_.expect_more();  // what an earlier pass saw says nothing: bytes may have come since
    for (std::size_t seen = 0; seen < budget;) {
        // One recv gives one record at most; a block is filled before it is handed over.
        std::size_t size = 0;
        CURLcode code = CURLE_OK;
        bool closed = false;
        bool drained = false;
        while (size < resources_.read_buffer_size()) {
            std::size_t n = 0;
            code = receive(resources_.read_buffer() + size, resources_.read_buffer_size() - size, n);
            closed = code == CURLE_OK && n == 0;
            if (code != CURLE_OK || closed) break;
            size += n;
            if (tls_.adopted() && !tls_.holds_bytes()) {
                drained = true;  // what comes later wakes the descriptor
                break;
            }
        }
        seen += size;
        // Before anybody is told, who might turn the loop.
        if ((drained || code == CURLE_AGAIN) && (!tls_.adopted() || tls_.socket_empty())) descriptor_.drained();
        if (size > 0) {
            handler_->on_bytes(resources_.read_buffer(), size);
            if (*self == nullptr || handler_ == nullptr) return false;
        }
        if (code == CURLE_AGAIN || drained) return false;
        if (code != CURLE_OK || closed) {
            end(code);
            return false;
        }
    }
    return true;
}

void CurlWire::end(CURLcode code) {
    if (handler_ == nullptr) return;
    Handler* told = handler_;
    Error error = broken_wire_error(code, tls_.adopted() ? tls_.words() : curl_.words());
    close();
    told->on_stream_end(std::move(error), code == CURLE_OK);
}

}  // namespace haive::mcp
