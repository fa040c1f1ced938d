#pragma once

#include "chaos/chaos_wire.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp::chaos {

/// One life of a simulated server process: a pipe in, a pipe out, and what happens in between.
///
/// It outlives the client's side as a process does: what was written before the client closed may still be
/// read and executed until the process is gone.
class Life : public std::enable_shared_from_this<Life> {
public:
    Life(std::shared_ptr<Wire> wire, int number)
        : wire_(std::move(wire)), number_(number), generation_(wire_->generation) {}

    // The client's side.
    ByteStream::Handler* handler = nullptr;
    bool wants_writable = false;
    [[nodiscard]] bool alive() const noexcept { return alive_; }
    ByteStream::Written take(std::span<const iovec> pieces);
    /// The client closes its ends; the server may finish what it has.
    void client_left();

    // The server's side.
    void serve_soon();
    void resume();
    /// The process is gone.
    void end() noexcept { alive_ = false; }
    [[nodiscard]] int number() const noexcept { return number_; }

private:
    struct Asked {
        std::string id;  ///< as it was written
        std::string method;
        std::string progress_token;
        std::optional<std::size_t> token;
    };

    void serve();
    void on_line(std::string_view line);
    std::optional<Asked> understood(std::string_view line);
    void on_call(Asked asked);
    void handshake(const Asked& asked);
    void execute(const Asked& asked);
    /// Does `what` after a while, unless the process is gone by then; a stopped one does it later.
    void later(Duration wait, UniqueFunction<void()> what);
    void answer(const Asked& asked, std::string result, Duration wait);
    void refuse(const Asked& asked, int code, std::string_view data, Duration wait);
    void say_line(std::string line);
    void say(std::string bytes);
    [[nodiscard]] Duration thinking_time();

    const std::shared_ptr<Wire> wire_;
    const int number_;
    const std::uint64_t generation_;
    std::string to_server_;
    std::string held_back_;  ///< behind a half line
    std::vector<UniqueFunction<void()>> stalled_;
    std::set<std::string> cancelled_;
    bool alive_ = true;
    bool client_gone_ = false;
    bool serving_ = false;
    bool half_said_ = false;
    bool greeted_ = false;  ///< the handshake was answered
};

}  // namespace haive::mcp::chaos
