#pragma once

#include "haive/mcp/observe/event.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp::testing {

/// One change of status, kept: the views of the event do not outlive it.
struct SeenStatus {
    std::chrono::steady_clock::time_point at;
    std::string from;
    std::string to;
    std::string phase;
    std::string reason;
    std::uint64_t generation = 0;
    std::int64_t pid = 0;
    int attempt = 0;
};

/// What one connection told, written down on the loop's thread and waited for on the test's.
class EventLog {
public:
    void add(const Event& event) {
        std::lock_guard lock(mutex_);
        if (const auto* s = std::get_if<StatusEvent>(&event.what)) {
            statuses_.push_back({std::chrono::steady_clock::now(), std::string(s->from), std::string(s->to),
                                 std::string(s->phase), s->reason, s->generation, s->pid, s->attempt});
        } else if (const auto* c = std::get_if<CatalogueEvent>(&event.what)) {
            notes_.push_back("catalogue " + std::string(c->what));
        } else if (const auto* r = std::get_if<ServerRequestEvent>(&event.what)) {
            notes_.push_back("request " + std::string(r->method));
        } else if (const auto* o = std::get_if<OddityEvent>(&event.what)) {
            notes_.push_back("oddity " + std::string(o->kind));
        } else if (std::holds_alternative<SessionReplacedEvent>(event.what)) {
            notes_.push_back("session replaced");
        } else if (const auto* h = std::get_if<HealthEvent>(&event.what)) {
            notes_.push_back("health " + std::string(h->outcome));
        }
        changed_.notify_all();
    }

    /// The first status after `from` entries that fits; false in `found` when none came in time.
    template <class Fits>
    bool wait_status(Fits&& fits, SeenStatus* out = nullptr,
                     std::chrono::milliseconds limit = std::chrono::seconds(10)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [&] {
            for (const auto& status : statuses_) {
                if (!fits(status)) continue;
                if (out != nullptr) *out = status;
                return true;
            }
            return false;
        });
    }
    bool wait_phase(std::string_view phase, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
        return wait_status([&](const SeenStatus& s) { return s.phase == phase; }, nullptr, limit);
    }
    bool wait_ready(std::uint64_t generation, std::chrono::milliseconds limit = std::chrono::seconds(10)) {
        return wait_status([&](const SeenStatus& s) { return s.phase == "ready" && s.generation == generation; },
                           nullptr, limit);
    }
    [[nodiscard]] std::vector<SeenStatus> statuses() const {
        std::lock_guard lock(mutex_);
        return statuses_;
    }
    [[nodiscard]] int count_phase(std::string_view phase) const {
        int count = 0;
        for (const auto& status : statuses()) count += status.phase == phase ? 1 : 0;
        return count;
    }
    [[nodiscard]] int count_note(std::string_view note) const {
        std::lock_guard lock(mutex_);
        int count = 0;
        for (const auto& seen : notes_) count += seen == note ? 1 : 0;
        return count;
    }
    /// The story so far, for a failure's text.
    [[nodiscard]] std::string story() const {
        std::string out;
        for (const auto& s : statuses()) {
            out += s.from + "->" + s.to + " (" + s.phase + " g" + std::to_string(s.generation) + ") " + s.reason + "\n";
        }
        return out;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<SeenStatus> statuses_;
    std::vector<std::string> notes_;
};

}  // namespace haive::mcp::testing
