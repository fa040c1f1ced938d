#include "haive/mcp/exporters/flight_recorder.hpp"

#include "exporters/ring.hpp"
#include "haive/mcp/base/clock.hpp"
#include "haive/mcp/exporters/redaction.hpp"
#include "observe/time_text.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

constexpr std::size_t longest_name = 128;

/// A call's record with texts of its own.
struct Frame {
    CallRecord record;
    std::string method;
    std::string name;
};

boost::json::object json_of(const Frame& frame) {
    const CallRecord& r = frame.record;
    boost::json::object out;
    out["time"] = rfc3339(r.wall_began);
    out["number"] = r.number;
    if (r.attempt == 0) {
        out["frame"] = "call";
        out["attempts"] = r.attempts;
    } else {
        out["frame"] = "attempt";
        out["attempt"] = r.attempt;
        out["generation"] = r.generation;
    }
    out["method"] = frame.method;
    if (!frame.name.empty()) out["name"] = frame.name;
    out["elapsed"] = to_seconds(r.elapsed);
    out["bytes_out"] = r.bytes_out;
    out["bytes_in"] = r.bytes_in;
    if (!r.error_type.empty()) {
        out["error_type"] = r.error_type;
        out["disposition"] = to_string(r.disposition);
    }
    return out;
}

}  // namespace

struct FlightRecorder::Rings {
    Rings(std::size_t most_events, std::size_t most_calls)
        : events(most_events), health(most_events), calls(most_calls) {}
    Ring<boost::json::object> events;
    Ring<boost::json::object> health;  // apart, so that probes do not wash changes away
    Ring<Frame> calls;
    std::uint64_t oddities = 0;
};

FlightRecorder::FlightRecorder(FlightRecorderOptions options) : options_(options) {}
FlightRecorder::~FlightRecorder() = default;

FlightRecorder::Rings* FlightRecorder::rings_of(std::string_view server) {
    server = server.substr(0, longest_name);
    auto found = servers_.find(server);
    if (found == servers_.end()) {
        if (servers_.size() >= options_.servers) {
            ++not_recorded_;
            return nullptr;
        }
        auto fresh = std::make_unique<Rings>(std::max<std::size_t>(options_.events, 1),
                                             std::max<std::size_t>(options_.calls, 1));
        found = servers_.emplace(std::string(server), std::move(fresh)).first;
    }
    return found->second.get();
}

void FlightRecorder::on_event(const Event& event) noexcept {
    std::lock_guard lock(mutex_);
    Rings* rings = rings_of(event.server);
    if (rings == nullptr) return;
    if (const auto* oddity = std::get_if<OddityEvent>(&event.what); oddity != nullptr && !is_own_kind(oddity->kind)) {
        ++rings->oddities;  // a flood of them must not wash the rest away
        return;
    }
    auto& ring = std::holds_alternative<HealthEvent>(event.what) ? rings->health : rings->events;
    ring.next() = redacted_json(event);
}

void FlightRecorder::on_call(const CallRecord& record) noexcept {
    std::lock_guard lock(mutex_);
    Rings* rings = rings_of(record.server);
    if (rings == nullptr) return;
    Frame& frame = rings->calls.next();
    frame.record = record;
    frame.method.assign(record.method.substr(0, longest_name));
    frame.name.assign(record.name.substr(0, longest_name));
    // Views of the caller's; the error's type is static text.
    frame.record.server = frame.record.method = frame.record.name = frame.record.protocol_version = {};
}

boost::json::object FlightRecorder::dump() const {
    boost::json::object servers;
    std::lock_guard lock(mutex_);
    for (const auto& [name, rings] : servers_) {
        boost::json::object one;
        boost::json::array events;
        rings->events.each([&](const boost::json::object& event) { events.emplace_back(event); });
        boost::json::array health;
        rings->health.each([&](const boost::json::object& event) { health.emplace_back(event); });
        boost::json::array calls;
        rings->calls.each([&](const Frame& frame) { calls.emplace_back(json_of(frame)); });
        one["events_in_all"] = rings->events.added();
        one["frames_in_all"] = rings->calls.added();
        one["oddities"] = rings->oddities;
        one["events"] = std::move(events);
        one["health"] = std::move(health);
        one["frames"] = std::move(calls);
        servers[name] = std::move(one);
    }
    boost::json::object out;
    out["format"] = "haive-mcp flight record";
    out["version"] = 1;
    out["time"] = rfc3339(wall_clock_now());
    out["not_recorded"] = not_recorded_;
    out["servers"] = std::move(servers);
    return out;
}

}  // namespace haive::mcp
