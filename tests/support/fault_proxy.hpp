#pragma once

#include "support/fault_shaper.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace haive::mcp::testing {

/// What happens to one connection that goes through a FaultProxy.
struct FaultPlan {
    FaultPlan() = default;
    FaultyDirection up;    ///< from the client to the server
    FaultyDirection down;  ///< from the server to the client
    /// What happens once a direction has passed its `cut_after` bytes.
    enum class Cut {
        close,       ///< both ends are closed in order
        reset,       ///< both ends get a reset
        half_close,  ///< that direction ends, the other one goes on
        black_hole,  ///< nothing passes any more, and nobody is told
    };
    Cut cut = Cut::close;
    /// Closed when the first byte of the next request comes after an answer: the race of kept connections.
    bool close_on_next_request = false;
};

/// A TCP proxy on a thread of its own, from a port of 127.0.0.1 to another one, which breaks connections as told.
/// Its functions may be called from any thread. Ends by closing every connection and joining.
class FaultProxy {
public:
    /// `plan` is asked for each connection, on the proxy's thread; `index` counts from 0.
    using Plan = std::function<FaultPlan(int index)>;

    explicit FaultProxy(std::uint16_t target, Plan plan = [](int) { return FaultPlan(); });
    ~FaultProxy();
    FaultProxy(const FaultProxy&) = delete;
    FaultProxy& operator=(const FaultProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// Connections that were accepted so far.
    [[nodiscard]] int accepted() const noexcept { return accepted_.load(); }
    /// Bytes passed from clients to the server, and back, over all connections.
    [[nodiscard]] std::uint64_t bytes_up() const noexcept { return up_.load(); }
    [[nodiscard]] std::uint64_t bytes_down() const noexcept { return down_.load(); }

    // What happens to all at once. Each returns when it is done.
    /// New connections are refused, as if nobody listened.
    void refuse();
    /// New connections hang in connect(2), as if their packets were lost.
    void stall();
    /// Undoes refuse() and stall().
    void accept_again();
    /// Every open connection becomes a black hole.
    void swallow();
    /// Every open connection is reset.
    void reset_all();

private:
    struct Link;

    void run();
    void wait_and_serve();
    [[nodiscard]] int wait_ms() const;
    void accept_one();
    void listen_anew();
    void drop_fillers();
    void on_the_thread(std::function<void()> work);
    void take_work();

    const std::uint16_t target_;
    Plan plan_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    int wake_ = -1;
    bool accepting_ = true;
    std::vector<int> fillers_;
    std::vector<std::unique_ptr<Link>> links_;
    std::atomic<int> accepted_{0};
    std::atomic<std::uint64_t> up_{0};
    std::atomic<std::uint64_t> down_{0};
    std::atomic<bool> ending_{false};
    std::mutex mutex_;
    std::vector<std::function<void()>> work_;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace haive::mcp::testing
