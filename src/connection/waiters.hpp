#pragma once

#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/base/result.hpp"

#include <boost/intrusive/list.hpp>

#include <coroutine>
#include <optional>

namespace haive::mcp {

/// What a waiter is waiting for.
enum class WaitFor : std::uint8_t {
    attempt,  ///< the end of the attempt that is running or next, good or bad
    ready,    ///< a usable connection, however many attempts it takes; ends badly when none is coming
    idle,     ///< the transport is gone and the connection rests
    probe,    ///< the end of the probe that is out
};

/// Coroutines that wait for the connection to get somewhere, each with a deadline of its own.
/// Loop thread only.
class Waiters {
public:
    enum class Woken : std::uint8_t { done, failed, timed_out, cancelled };

    class Waiter : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    public:
        Waiter(Waiters& list, Loop& loop, WaitFor what, TimePoint deadline)
            : what_(what), timer_(loop, [this] { wake(Woken::timed_out); }) {
            list.waiting_.push_back(*this);
            timer_.arm(deadline);
        }
        /// Stop waiting: whoever asked does not want to know any more.
        void cancel() { wake(Woken::cancelled); }
        [[nodiscard]] bool await_ready() const noexcept { return outcome_.has_value(); }
        void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
        Woken await_resume() const noexcept { return *outcome_; }

    private:
        friend class Waiters;
        void wake(Woken how) {
            if (outcome_) return;
            outcome_ = how;
            unlink();
            timer_.disarm();
            if (waiter_) std::exchange(waiter_, {}).resume();
        }

        WaitFor what_;
        std::optional<Woken> outcome_;
        std::coroutine_handle<> waiter_;
        Timer timer_;
    };

    /// Wakes everybody who waits for `what`, those who came while waking excepted.
    void wake(WaitFor what, Woken how) {
        List now;
        for (auto it = waiting_.begin(); it != waiting_.end();) {
            Waiter& waiter = *it++;
            if (waiter.what_ != what) continue;
            waiter.unlink();
            now.push_back(waiter);
        }
        while (!now.empty()) now.front().wake(how);
    }
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

private:
    using List = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;
    List waiting_;
};

}  // namespace haive::mcp
