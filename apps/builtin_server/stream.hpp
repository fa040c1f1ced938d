#pragma once

#include "loop.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace builtin {

/// One accepted connection. Never blocks: what the client does not read waits here, up to 64 MiB; then the
/// connection is reset.
class Stream : public std::enable_shared_from_this<Stream> {
public:
    Stream(Loop& loop, int fd) : loop_(loop), fd_(fd) {}
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    /// `on_bytes` gets what comes, `on_end` is called once, when no more will come: the client closed its side, or
    /// the connection broke. Neither is called after close() or reset(). They may own the stream: it lets go of
    /// them when it ends.
    void start(std::function<void(std::string_view)> on_bytes, std::function<void()> on_end);
    void write(std::string_view bytes);
    /// Closes once all that was written has gone.
    void close();
    /// Ends as if the client had gone.
    void hang_up() { end(); }
    /// Closes at once; the client sees a reset.
    void reset();
    [[nodiscard]] bool open() const noexcept { return fd_ >= 0 && !closing_; }

private:
    void on_event(std::uint32_t events);
    void read();
    void send();
    void end();
    void drop();

    Loop& loop_;
    int fd_;
    std::function<void(std::string_view)> on_bytes_;
    std::function<void()> on_end_;
    std::string unsent_;
    std::size_t sent_ = 0;
    bool waits_for_room_ = false;
    bool closing_ = false;
};
using StreamPtr = std::shared_ptr<Stream>;

/// Listens, and hands over each connection that comes.
class Listener {
public:
    /// TCP on the loopback: `where` is [HOST:]PORT, the port 0 for any. Throws std::runtime_error with what is
    /// wrong.
    static std::unique_ptr<Listener> tcp(Loop& loop, const std::string& where,
                                         std::function<void(StreamPtr)> on_accept);
    /// A Unix socket; the file goes when the listener does. A leftover of a dead server is replaced.
    static std::unique_ptr<Listener> unix_path(Loop& loop, const std::string& path,
                                               std::function<void(StreamPtr)> on_accept);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// HOST:PORT, or the path.
    [[nodiscard]] const std::string& address() const noexcept { return address_; }

private:
    Listener(Loop& loop, int fd, std::function<void(StreamPtr)> on_accept);
    void accept_all();

    Loop& loop_;
    int fd_;
    std::function<void(StreamPtr)> on_accept_;
    std::string address_;
    std::string path_;
};

}  // namespace builtin
