#include "chaos/scene.hpp"

namespace haive::mcp::chaos {

using namespace std::chrono_literals;

/// Gives each event to the checker of the connection that it is about.
class Scene::Router final : public EventSink {
public:
    explicit Router(Scene& scene) : scene_(scene) {}
    void on_event(const Event& event) noexcept override {
        const auto it = subjects_.find(event.server);
        if (it == subjects_.end()) return;
        Subject& subject = *it->second;
        if (const auto* status = std::get_if<StatusEvent>(&event.what)) {
            subject.checker.on_status(*status);
            scene_.moved(subject);
            if (subject.connection && subject.connection->status() != status->to) {
                subject.wire->fail("the status that is read is not the one that was told");
            }
        } else if (const auto* health = std::get_if<HealthEvent>(&event.what)) {
            subject.checker.on_health(*health);
        } else if (const auto* oddity = std::get_if<OddityEvent>(&event.what)) {
            subject.wire->note("oddity", 0, oddity->kind);
        }
    }
    void add(Subject& subject) { subjects_.emplace(subject.name, &subject); }

private:
    Scene& scene_;
    std::map<std::string, Subject*, std::less<>> subjects_;
};

Scene::Scene(std::uint64_t seed, bool aloud, Habits wanted)
    : habits(wanted),
      trace(aloud),
      rt(seed),
      agenda(*rt.loop),
      dice(seed * 0x9e3779b97f4a7c15ULL + 1),
      router_(std::make_shared<Router>(*this)) {
    report.seed = seed;
    report.coverage.seeds = 1;
    rt.runtime->set_event_sink(router_);
}

void Scene::run_until(TimePoint when) {
    bool reached = false;
    agenda.at(when, [&reached] { reached = true; });
    while (!reached && rt.loop->step()) {}
    rt.loop->settle();
}

void Scene::freeze(Duration length) {
    const TimePoint from = now();
    rt.loop->freeze(length);
    freezes_.emplace_back(from, now());
    for (auto& subject : subjects) subject->checker.on_freeze(now());
}

TimePoint Scene::latest(TimePoint limit) const {
    constexpr Duration tick = 1ms;
    TimePoint end = saturating_add(limit, tick);
    for (const auto& [from, to] : freezes_) {
        if (from <= end && to > end) end = to + tick;
    }
    return end;
}

Subject& Scene::subject(std::unique_ptr<Subject> added) {
    router_->add(*added);
    subjects.push_back(std::move(added));
    return *subjects.back();
}

}  // namespace haive::mcp::chaos
