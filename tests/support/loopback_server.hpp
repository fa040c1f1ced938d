#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

struct ssl_ctx_st;

namespace haive::mcp::testing {

/// The server's end of one connection, for a script that blocks: its own thread runs it.
class Peer {
public:
    virtual ~Peer() = default;
    /// Reads once; empty at the end or on an error.
    virtual std::string read_some() = 0;
    /// False when the far side is gone.
    virtual bool write(std::string_view bytes) = 0;
    virtual void close_write() = 0;
    /// TLS 1.3: speaks with new keys from now on, and asks for the same.
    virtual void renew_keys() {}
    [[nodiscard]] virtual int descriptor() const noexcept = 0;

    /// One request: its head, and its body by `Content-Length`. Empty when the far side closed.
    std::string read_request();
    /// Reads until the far side closes; gives back how many bytes came.
    std::size_t drain();
    /// Blocks until the far side closes or sends; true for closed.
    bool wait_for_close();

private:
    std::string kept_;
};

struct LoopbackOptions {
    LoopbackOptions() = default;
    ssl_ctx_st* tls = nullptr;  ///< not owned
    bool ipv6 = false;
    std::uint16_t port = 0;
    int receive_buffer = 0;  ///< SO_RCVBUF of the accepted sockets
};

/// Listens on 127.0.0.1 (or ::1) and runs a script for each connection on a thread of its own. Ends by
/// shutting every socket down and joining.
class LoopbackServer {
public:
    using Script = std::function<void(Peer&, int index)>;
    explicit LoopbackServer(Script script, LoopbackOptions options = LoopbackOptions());
    ~LoopbackServer();
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] int accepted() const noexcept { return accepted_.load(); }

private:
    void accept_loop();
    void serve(int socket, int index);

    Script script_;
    LoopbackOptions options_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<int> accepted_{0};
    std::atomic<bool> ending_{false};
    std::mutex mutex_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

/// An answer with a `Content-Length`; `headers` are whole lines.
[[nodiscard]] std::string answer(std::string_view body, std::string_view headers = {}, int status = 200);

/// A script: answers every request with its own body.
void echo(Peer& peer, int index);

/// A port of the loopback that nobody listens on.
[[nodiscard]] std::uint16_t closed_port();

}  // namespace haive::mcp::testing
