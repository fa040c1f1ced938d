#include "haive/mcp/transport/socket.hpp"

#include "haive/mcp/transport/runtime.hpp"
#include "transport/http/http_resources.hpp"
#include "transport/http/socket_wire.hpp"
#include "transport/loop/epoll_loop.hpp"
#include "transport/stream/connecting_stream.hpp"
#include "transport/stream/stream_channel.hpp"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration longest_connect = 15s;

std::unique_ptr<Channel> channel_over(Runtime& runtime, std::unique_ptr<ByteStream> stream, const SocketOptions& o) {
    StreamLimits limits;
    limits.max_message = o.max_message_bytes;
    limits.max_outbox = o.max_outbox_bytes;
    return std::make_unique<StreamChannel>(runtime.loop(), runtime.stream_resources(), std::move(stream), limits);
}

Error bad_path(const char* why) {
    Error error(ErrorKind::invalid_config, std::string("the socket's path cannot be used: ") + why);
    error.set_attempt_class(AttemptClass::fatal);
    return error;
}

Error unix_error(const std::string& path, int code) {
    Error error(ErrorKind::server_unavailable, "cannot connect to the socket '" + path + "': " + std::strerror(code));
    if (code == EACCES || code == EPERM) {
        error.set_attempt_class(AttemptClass::fatal);
        error.set_mend("this user may not write to that socket: change its owner, group or mode");
    } else {
        error.set_mend("is the server running, and does it listen there?");
    }
    return error;
}

/// A Unix socket connects at once or not at all.
Result<std::unique_ptr<ByteStream>> connect_unix(EpollLoop& loop, StreamResources& resources, const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    const bool abstract = path.front() == '@';
    if (abstract) address.sun_path[0] = '\0';
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return unix_error(path, errno);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
        const int code = errno;
        ::close(fd);
        return unix_error(path, code);
    }
    return std::make_unique<SocketWire>(loop, resources, fd);
}

}  // namespace

Task<Result<std::unique_ptr<Channel>>> UnixSocketTransport::open(Runtime& runtime, TimePoint /*deadline*/) const {
    if (path_.empty()) co_return bad_path("it is empty");
    if (path_.size() >= sizeof(sockaddr_un{}.sun_path)) co_return bad_path("it is over 107 bytes long");
    if (path_.find('\0') != std::string::npos) co_return bad_path("it has a NUL character in it");
    auto& loop = static_cast<EpollLoop&>(runtime.loop());
    auto stream = connect_unix(loop, runtime.stream_resources(), path_);
    if (stream.has_error()) co_return stream.error();
    auto channel = channel_over(runtime, std::move(*stream), options_);
    co_return std::move(channel);
}

Task<Result<std::unique_ptr<Channel>>> TcpTransport::open(Runtime& runtime, TimePoint deadline) const {
    HttpEndpoint endpoint;
    endpoint.host = host_;
    endpoint.port = port_;
    const Duration budget = std::min<Duration>(longest_connect, deadline - runtime.loop().now());
    auto connect = [&runtime, endpoint, budget](ConnectingStream::Connected done) -> std::shared_ptr<void> {
        ConnectSettings direct;
        direct.proxy = "";
        auto& loop = static_cast<EpollLoop&>(runtime.loop());
        return open_connection(loop, runtime.stream_resources(), runtime.http_resources().multi, endpoint, direct,
                               budget, [done = std::move(done)](Result<Connected> connected) mutable {
                                   if (connected.has_error()) {
                                       done(connected.error());
                                   } else {
                                       done(std::unique_ptr<ByteStream>(std::move(connected->wire)));
                                   }
                               });
    };
    auto channel = channel_over(runtime, std::make_unique<ConnectingStream>(std::move(connect)), options_);
    co_return std::move(channel);
}

}  // namespace haive::mcp
