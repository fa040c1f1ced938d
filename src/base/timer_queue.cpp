#include "base/timer_queue.hpp"

namespace haive::mcp {

void TimerQueue::arm(Timer& timer, TimePoint due) {
    if (timer.armed()) disarm(timer);
    timer.due_ = due;
    if (due == never) return;
    heap_.push_back(Node{due, next_order_++, &timer});
    timer.index_ = heap_.size() - 1;
    sift_up(heap_.size() - 1);
}

void TimerQueue::disarm(Timer& timer) noexcept {
    if (timer.armed()) remove(timer.index_);
}

bool TimerQueue::fire_one(TimePoint now) {
    if (heap_.empty() || heap_[0].due > now) return false;
    Timer& timer = *heap_[0].timer;
    remove(0);
    // The callback may destroy the timer, and with it the callback itself: run it from our own stack.
    UniqueFunction<void()> work = std::move(timer.on_fire_);
    struct Restore {
        // The timer is still alive unless its owner destroyed it; it tells us through `alive`.
        Timer*& slot;
        UniqueFunction<void()>& work;
        ~Restore() {
            if (slot != nullptr) slot->on_fire_ = std::move(work);
        }
    };
    Timer* alive = &timer;
    timer.alive_ = &alive;
    Restore restore{alive, work};
    work();
    if (alive != nullptr) alive->alive_ = nullptr;
    return true;
}

void TimerQueue::place(std::size_t at, Node node) noexcept {
    heap_[at] = node;
    node.timer->index_ = at;
}

void TimerQueue::sift_up(std::size_t at) noexcept {
    const Node node = heap_[at];
    while (at > 0) {
        const std::size_t parent = (at - 1) / 4;
        if (!(node < heap_[parent])) break;
        place(at, heap_[parent]);
        at = parent;
    }
    place(at, node);
}

void TimerQueue::sift_down(std::size_t at) noexcept {
    const Node node = heap_[at];
    for (;;) {
        const std::size_t first = at * 4 + 1;
        if (first >= heap_.size()) break;
        std::size_t best = first;
        for (std::size_t child = first + 1; child < heap_.size() && child < first + 4; ++child) {
            if (heap_[child] < heap_[best]) best = child;
        }
        if (!(heap_[best] < node)) break;
        place(at, heap_[best]);
        at = best;
    }
    place(at, node);
}

void TimerQueue::remove(std::size_t at) noexcept {
    heap_[at].timer->index_ = Timer::not_queued;
    const Node last = heap_.back();
    heap_.pop_back();
    if (at == heap_.size()) return;
    place(at, last);
    if (at > 0 && last < heap_[(at - 1) / 4]) {
        sift_up(at);
    } else {
        sift_down(at);
    }
}

}  // namespace haive::mcp
