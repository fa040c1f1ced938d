#include "guard/limit_caller.hpp"

#include "protocol/call_deadline.hpp"

#include <optional>
#include <utility>

namespace haive::mcp {

/// One call's wait for its turn.
class LimitCaller::Turn {
public:
    enum class End : std::uint8_t { pending, mine, too_late, cancelled };

    Turn(LimitCaller& limit, std::uint64_t number, const Request& request, TimePoint deadline)
        : limit_(limit), number_(number), asker_(request.asker), cancel_(request.cancel), timer_(limit.loop_, [this] {
              give_up(End::too_late);
          }) {
        limit_.turns_.emplace(number_, this);
        timer_.arm(deadline);
        if (cancel_ && cancel_->requested()) {
            give_up(End::cancelled);
        } else if (cancel_) {
            cancel_->set([this] { give_up(End::cancelled); });
        }
    }
    ~Turn() {
        limit_.turns_.erase(number_);
        if (cancel_) cancel_->clear();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    void come() { end(End::mine); }
    [[nodiscard]] bool await_ready() const noexcept { return end_ != End::pending; }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }
    [[nodiscard]] End await_resume() const noexcept { return end_; }

private:
    void give_up(End how) {
        if (end_ == End::pending && limit_.queue_.withdraw(number_, asker_)) end(how);
    }
    void end(End how) {
        end_ = how;
        timer_.disarm();
        if (waiter_) std::exchange(waiter_, {}).resume();
    }

    LimitCaller& limit_;
    const std::uint64_t number_;
    const std::string asker_;
    const std::shared_ptr<CancelSlot> cancel_;
    End end_ = End::pending;
    std::coroutine_handle<> waiter_;
    Timer timer_;
};

Task<Result<Reply>> LimitCaller::call(Request request) {
    const TimePoint came = loop_.now();
    fix_deadline(request, came, usual_timeout_);
    const std::uint64_t number = next_number_++;
    const auto entry = queue_.enter(number, request.asker);
    if (entry == InFlightQueue::Entry::full) {
        co_return refusal(ErrorKind::queue_full,
                          std::to_string(queue_.in_flight()) + " calls are under way and " +
                              std::to_string(queue_.waiting()) + " wait already",
                          request);
    }
    if (entry == InFlightQueue::Entry::wait) {
        const TimePoint deadline =
            std::min(request.deadline, saturating_add(came, patience_of(request.options, usual_timeout_)));
        if (saturating_add(came, expected_wait()) > deadline) {
            queue_.withdraw(number, request.asker);
            co_return refusal(ErrorKind::queue_full, "its turn would come after its deadline", request);
        }
        Turn turn(*this, number, request, deadline);
        std::optional<GuardWitness::Hold> hold(witness);
        const Turn::End how = co_await turn;
        hold.reset();
        if (how == Turn::End::cancelled) {
            co_return refusal(ErrorKind::cancelled, "cancelled by the caller while it waited for its turn", request);
        }
        if (how == Turn::End::too_late) {
            co_return refusal(ErrorKind::deadline_exceeded, "its turn did not come in time", request);
        }
    }
    struct Place {
        LimitCaller& limit;
        ~Place() { limit.leave(); }
    };
    const Place place{*this};
    const TimePoint began = loop_.now();
    auto reply = co_await inner_.call(std::move(request));
    usual_call_ += (loop_.now() - began - usual_call_) / 16;
    co_return reply;
}

/// The next one runs from a fresh stack: a row of calls that end at once must not nest.
void LimitCaller::leave() {
    const auto next = queue_.leave();
    if (!next) return;
    loop_.post([this, number = *next] {
        const auto turn = turns_.find(number);
        if (turn != turns_.end()) turn->second->come();
    });
}

Duration LimitCaller::expected_wait() const noexcept {
    return usual_call_ * queue_.waiting() / std::max(1, queue_.limit());
}

Error LimitCaller::refusal(ErrorKind kind, std::string text, const Request& request) {
    if (kind != ErrorKind::cancelled) ++refused_;
    if (witness != nullptr) witness->refused(request, kind);
    Error error(kind, std::move(text));
    auto& details = error.edit();
    details.server = server_;
    details.operation = request.name.empty() ? request.method : request.method + ' ' + request.name;
    if (kind == ErrorKind::queue_full) {
        details.mend = "ask less at once, or raise max_in_flight for this server if it can bear more";
    }
    return error;
}

}  // namespace haive::mcp
