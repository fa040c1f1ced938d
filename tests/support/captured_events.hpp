#pragma once

#include "haive/mcp/observe/event.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp::testing {

/// Keeps events as short strings, so that a scenario can assert the exact list.
class CapturedEvents final : public EventSink {
public:
    void on_event(const Event& event) noexcept override {
        if (const auto* s = std::get_if<StatusEvent>(&event.what)) {
            lines.push_back(std::string(s->from) + "->" + std::string(s->to) + " " + std::string(s->phase) + " g" +
                            std::to_string(s->generation));
            statuses.push_back(*s);
        } else if (const auto* h = std::get_if<HealthEvent>(&event.what)) {
            lines.push_back("health " + std::string(h->outcome));
        } else if (const auto* c = std::get_if<CatalogueEvent>(&event.what)) {
            lines.push_back(std::string(c->what) + " changed");
        } else if (std::holds_alternative<SessionReplacedEvent>(event.what)) {
            lines.push_back("session replaced");
        } else if (const auto* o = std::get_if<OddityEvent>(&event.what)) {
            lines.push_back("oddity " + std::string(o->kind));
        }
    }
    /// The lines so far, and forget them.
    std::vector<std::string> take() { return std::exchange(lines, {}); }

    std::vector<std::string> lines;
    std::vector<StatusEvent> statuses;
};

}  // namespace haive::mcp::testing
