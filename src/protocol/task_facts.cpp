#include "protocol/task_facts.hpp"

#include "protocol/field_reader.hpp"

#include <algorithm>
#include <cmath>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration soonest = 50ms;
constexpr Duration latest = 60s;

TaskStatus status_of(std::string_view text) noexcept {
    if (text == "working") return TaskStatus::working;
    if (text == "input_required") return TaskStatus::input_required;
    if (text == "completed") return TaskStatus::completed;
    if (text == "failed") return TaskStatus::failed;
    return text == "cancelled" ? TaskStatus::cancelled : TaskStatus::unknown;
}

}  // namespace

Result<TaskFacts> parse_task(std::string_view raw) {
    TaskFacts out;
    bool has_id = false;
    bool has_status = false;
    std::optional<double> poll_ms;
    FieldReader in("Task", raw);
    while (in.next()) {
        if (in.is("taskId")) {
            has_id = in.text(out.id);
        } else if (in.is("status")) {
            has_status = in.text(out.status_text);
        } else if (in.is("statusMessage")) {
            in.maybe(out.message);
        } else if (in.is("pollInterval") || in.is("pollIntervalMs")) {
            in.maybe(poll_ms);
        } else if (in.is("result")) {
            in.maybe_object(out.result);
        } else if (in.is("error")) {
            in.maybe_object(out.error);
        } else if (in.is("inputRequests")) {
            in.maybe_object(out.input_requests);
        }
    }
    in.require(has_id, "taskId");
    in.require(has_status, "status");
    if (in.failed()) return in.error();
    out.status = status_of(out.status_text);
    if (poll_ms && *poll_ms >= 0) out.poll_interval = to_duration(Seconds(*poll_ms / 1000));
    return out;
}

std::optional<Result<TaskFacts>> parse_created_task(std::string_view raw_result) {
    JsonObjectSlices members(raw_result);
    while (members.next()) {
        if (members.key() == "task" && json_type(members.value()) == JsonType::object) {
            return parse_task(members.value());
        }
    }
    return std::nullopt;
}

Duration next_poll(const TaskFacts& facts, int asked) noexcept {
    if (facts.poll_interval) return std::clamp<Duration>(*facts.poll_interval, soonest, latest);
    const double seconds = std::pow(1.5, std::clamp(asked, 0, 20));
    return std::min<Duration>(to_duration(Seconds(seconds)), latest);
}

}  // namespace haive::mcp
