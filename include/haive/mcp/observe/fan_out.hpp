#pragma once

#include "haive/mcp/observe/call_observer.hpp"
#include "haive/mcp/observe/event.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace haive::mcp {

/// One sink that hands every event to several, in order. They are given at construction and live as long.
class EventFan final : public EventSink {
public:
    explicit EventFan(std::vector<std::shared_ptr<EventSink>> sinks) : sinks_(std::move(sinks)) {}
    void on_event(const Event& event) noexcept override {
        for (const auto& sink : sinks_) sink->on_event(event);
    }

private:
    const std::vector<std::shared_ptr<EventSink>> sinks_;
};

/// The same for calls. Calls are traced if one of the observers wants it.
class CallFan final : public CallObserver {
public:
    explicit CallFan(std::vector<std::shared_ptr<CallObserver>> observers)
        : observers_(std::move(observers)),
          traces_(std::ranges::any_of(observers_, [](const auto& o) { return o->traces(); })) {}
    [[nodiscard]] bool traces() const noexcept override { return traces_; }
    void on_call(const CallRecord& record) noexcept override {
        for (const auto& observer : observers_) observer->on_call(record);
    }

private:
    const std::vector<std::shared_ptr<CallObserver>> observers_;
    const bool traces_;
};

}  // namespace haive::mcp
