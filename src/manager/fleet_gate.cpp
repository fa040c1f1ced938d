#include "manager/fleet_gate.hpp"

#include <utility>

namespace haive::mcp {

class FleetGate::Ticket final : public OpenTicket {
public:
    Ticket(std::shared_ptr<FleetGate> fleet, ConnectSchedule::Number number)
        : fleet_(std::move(fleet)), number_(number) {}
    ~Ticket() override {
        if (fleet_->waiting_.erase(number_) > 0) fleet_->count(-1);
        fleet_->schedule_.withdraw(number_);
        fleet_->pump();
    }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    void ended(bool reached) override { fleet_->schedule_.ended(number_, reached, fleet_->loop_.now()); }

private:
    std::shared_ptr<FleetGate> fleet_;
    ConnectSchedule::Number number_;
};

class FleetGate::Gate final : public OpenGate {
public:
    Gate(std::shared_ptr<FleetGate> fleet, std::string_view origin, OpenKind kind)
        : fleet_(std::move(fleet)), origin_(fleet_->schedule_.add(origin, kind)) {}
    ~Gate() override { fleet_->schedule_.remove(origin_); }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    std::unique_ptr<OpenTicket> ask(OpenPriority priority, UniqueFunction<void()> granted) override {
        const auto number = fleet_->next_number_++;
        auto ticket = std::make_unique<Ticket>(fleet_, number);
        fleet_->waiting_.emplace(number, std::move(granted));
        fleet_->count(1);
        fleet_->schedule_.ask(number, origin_, priority, fleet_->loop_.now());
        fleet_->pump();
        return ticket;
    }
    std::unique_ptr<OpenTicket> enter() override {
        const auto number = fleet_->next_number_++;
        fleet_->schedule_.enter(number, origin_, fleet_->loop_.now());
        return std::make_unique<Ticket>(fleet_, number);
    }
    void lost() override {
        if (fleet_->schedule_.lost(fleet_->loop_.now()) && fleet_->on_storm) fleet_->on_storm();
    }
    [[nodiscard]] bool storming() const override { return fleet_->schedule_.storming(fleet_->loop_.now()); }

private:
    std::shared_ptr<FleetGate> fleet_;
    ConnectSchedule::Origin origin_;
};

FleetGate::FleetGate(Loop& loop, const ConnectScheduleOptions& options, std::shared_ptr<Metrics> metrics)
    : loop_(loop), metrics_(std::move(metrics)), schedule_(options), timer_(loop, [this] { pump(); }) {}

void FleetGate::count(std::int64_t change) {
    if (metrics_) metrics_->gated.add(change);
}

std::shared_ptr<OpenGate> FleetGate::gate_for(std::string_view origin, OpenKind kind) {
    return std::make_shared<Gate>(shared_from_this(), origin, kind);
}

void FleetGate::pump() {
    const TimePoint now = loop_.now();
    for (const auto number : schedule_.grants(now)) {
        auto granted = waiting_.extract(number);
        // From a fresh stack: whoever asked may still be in the middle of asking.
        if (!granted) continue;
        count(-1);
        loop_.post(std::move(granted.mapped()));
    }
    timer_.arm(schedule_.next(now));
}

}  // namespace haive::mcp
