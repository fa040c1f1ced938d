#include "chaos/faults.hpp"

namespace haive::mcp::chaos {

using namespace std::chrono_literals;

Faults::Faults(Scene& scene) : scene_(scene) {
    // Half of the kinds a seed: faults that drown each other show less than a few that meet.
    for (int i = 0; i < kinds; ++i) {
        if (scene.dice.chance(0.5)) kinds_of_seed_.push_back(static_cast<Kind>(i));
    }
    // Silence is what monitoring is for.
    if (scene.dice.chance(0.5))
        kinds_of_seed_.insert(kinds_of_seed_.end(), {Kind::no_pings, Kind::no_pings, Kind::stop});
    if (kinds_of_seed_.empty()) kinds_of_seed_.push_back(Kind::death);
}

void Faults::happen(Subject& subject) {
    const int last = static_cast<int>(kinds_of_seed_.size()) - 1;
    const Kind kind = kinds_of_seed_[static_cast<std::size_t>(scene_.dice.between(0, last))];
    ++scene_.report.coverage.faults;
    subject.wire->note("fault", static_cast<int>(kind));
    apply(subject, kind);
}

template <class Member, class Value>
void Faults::lasting(Subject& subject, Duration length, Member member, Value value) {
    subject.wire->behaviour.*member = value;
    scene_.agenda.after(length, [wire = subject.wire, member] { wire->behaviour.*member = Behaviour().*member; });
}

void Faults::deafen(Subject& subject, Duration length) { lasting(subject, length, &Behaviour::answers_pings, false); }

void Faults::die_somehow(Subject& subject) {
    const auto cls =
        scene_.dice.pick({AttemptClass::retryable, AttemptClass::retryable, AttemptClass::fatal, AttemptClass::auth});
    subject.wire->behaviour.death_class = cls;
    subject.wire->die(scene_.dice.chance(0.3));
    subject.wire->behaviour.death_class = AttemptClass::retryable;
}

void Faults::apply(Subject& subject, Kind kind) {
    Dice& dice = scene_.dice;
    auto wire = subject.wire;
    Behaviour& b = wire->behaviour;
    using B = Behaviour;
    switch (kind) {
        case Kind::death: wire->die(!subject.options.auto_reconnect && dice.chance(0.5)); break;
        case Kind::graceful_end: wire->die(true); break;
        case Kind::death_on_receipt: b.next_call = Death::on_receipt; break;
        case Kind::death_after_running: b.next_call = Death::after_execution; break;
        case Kind::death_in_the_answer: b.next_call = Death::inside_the_answer; break;
        case Kind::death_in_the_frame:
            wire->room = static_cast<std::size_t>(dice.between(1, 300));
            scene_.agenda.after(dice.magnitude(1ms, 60s), [wire] { wire->die(); });
            break;
        case Kind::full_pipe:
            wire->room = static_cast<std::size_t>(dice.between(0, 300));
            scene_.agenda.after(outage(), [wire] { wire->make_room(B::all); });
            break;
        case Kind::stop:
            wire->stop();
            scene_.agenda.after(dice.pick<Duration>({5s, 60s, 600s}), [wire] { wire->go_on(); });
            break;
        case Kind::refusals: {
            const bool hopeless = dice.chance(0.25);
            const auto cls = !hopeless          ? AttemptClass::retryable
                             : dice.chance(0.5) ? AttemptClass::fatal
                                                : AttemptClass::auth;
            lasting(subject, outage(), &B::refuses, cls);
            if (dice.chance(0.7)) wire->die(dice.chance(0.2));
            break;
        }
        case Kind::slow_opens:
            lasting(subject, outage(), &B::open_takes, dice.magnitude(10ms, 40s));
            if (dice.chance(0.5)) wire->die();
            break;
        case Kind::crash_loop:
            lasting(subject, outage(), &B::dies_after_handshake, dice.pick<Duration>({0ns, 1ms, 100ms, 5s, 29s, 31s}));
            wire->die();
            break;
        case Kind::silent_handshake:
            lasting(subject, outage(), &B::answers_handshake, false);
            if (dice.chance(0.7)) wire->die();
            break;
        case Kind::wrong_version:
            lasting(subject, outage(), &B::wrong_version, true);
            if (dice.chance(0.7)) wire->die();
            break;
        case Kind::answers_twice: lasting(subject, outage(), &B::twice, dice.between(0.1, 1.0)); break;
        case Kind::unknown_ids: lasting(subject, outage(), &B::stray, dice.between(0.1, 1.0)); break;
        case Kind::half_lines: lasting(subject, outage(), &B::half_line, dice.between(0.1, 1.0)); break;
        case Kind::junk: lasting(subject, outage(), &B::junk, dice.between(0.1, 1.0)); break;
        case Kind::slices: lasting(subject, outage(), &B::slice, static_cast<std::size_t>(dice.between(1, 40))); break;
        case Kind::no_pings: lasting(subject, dice.magnitude(10s, 20min), &B::answers_pings, false); break;
        case Kind::no_answers: lasting(subject, outage(), &B::answers_calls, false); break;
        case Kind::rpc_errors: lasting(subject, outage(), &B::rpc_error, dice.between(0.1, 1.0)); break;
        case Kind::slow_answers: lasting(subject, outage(), &B::slowest, dice.magnitude(100ms, 60s)); break;
        case Kind::unmendable_death: {
            const auto cls = dice.chance(0.5) ? AttemptClass::fatal : AttemptClass::auth;
            lasting(subject, dice.chance(0.5) ? 0ns : outage(), &B::death_class, cls);
            wire->die();
            break;
        }
        case Kind::time_jump: scene_.freeze(dice.magnitude(100ms, 1h)); break;
    }
}

}  // namespace haive::mcp::chaos
