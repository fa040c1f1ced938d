#include "chaos/chaos_wire.hpp"

#include "chaos/life.hpp"
#include "support/step_stream.hpp"
#include "transport/stream/stream_channel.hpp"

namespace haive::mcp::chaos {

using namespace std::chrono_literals;

namespace {

class ChaosStream final : public ByteStream {
public:
    explicit ChaosStream(std::shared_ptr<Life> life) : life_(std::move(life)) {}
    ~ChaosStream() override { close(); }
    void start(Handler& handler) override { life_->handler = &handler; }
    Written write(std::span<const iovec> pieces) override { return life_->take(pieces); }
    void await_writable() override { life_->wants_writable = true; }
    void close() noexcept override { life_->client_left(); }

private:
    std::shared_ptr<Life> life_;
};

/// Closing takes its time, by mode, and is counted: two channels at once are one too many.
class ChaosChannel final : public StreamChannel {
public:
    ChaosChannel(Loop& loop, StreamResources& resources, std::shared_ptr<Wire> wire, std::shared_ptr<Life> life)
        : StreamChannel(loop, resources, std::make_unique<ChaosStream>(life), StreamLimits()),
          wire_(std::move(wire)),
          life_(std::move(life)),
          gone_(loop, [this] { finish(); }) {
        wire_->life = life_;
        ++wire_->live;
        wire_->most_live = std::max(wire_->most_live, wire_->live);
        if (wire_->live > 1) wire_->fail("two channels at once (SM-2)");
    }
    ~ChaosChannel() override { leave(); }
    void close(CloseMode mode, UniqueFunction<void()> done) override {
        stop_talking(Error(ErrorKind::shutdown, "the connection was closed"));
        stream().close();
        if (wire_->life == life_) wire_->life.reset();
        done_.push_back(std::move(done));
        const Duration longest = mode == CloseMode::kill ? 50ms : mode == CloseMode::prompt ? 3s : 6s;
        const TimePoint end =
            loop().now() + (life_->alive() || wire_->kind.lingers ? std::min(longest, wire_->kind.close_takes) : 0ns);
        if (!gone_.armed() || end < gone_.due()) gone_.arm(end);
    }

private:
    void leave() {
        life_->end();
        if (wire_->life == life_) wire_->life.reset();
        if (std::exchange(counted_, false)) --wire_->live;
    }
    void finish() {
        leave();
        for (auto& done : std::exchange(done_, {})) loop().post(std::move(done));
    }
    Error enrich(Error error) const override { return error.set_attempt_class(wire_->behaviour.death_class); }

    std::shared_ptr<Wire> wire_;
    std::shared_ptr<Life> life_;
    Timer gone_;
    std::vector<UniqueFunction<void()>> done_;
    bool counted_ = true;
};

}  // namespace

void Wire::die(bool graceful) {
    auto now = healed_ ? nullptr : std::exchange(life, nullptr);
    if (!now) return;
    note("server dies", now->number(), graceful ? "in order" : "");
    now->end();
    if (auto* handler = std::exchange(now->handler, nullptr)) {
        losing = true;
        handler->on_stream_end(Error(ErrorKind::connection_lost, "the server ended"), graceful);
        losing = false;
    }
    room = Behaviour::all;
}

void Wire::make_room(std::size_t bytes) {
    room = bytes;
    if (life && std::exchange(life->wants_writable, false) && life->handler != nullptr) life->handler->on_writable();
}

void Wire::go_on() {
    behaviour.reads = true;
    if (auto keep = life) keep->resume();
}

void Wire::heal() {
    healed_ = true;
    behaviour = Behaviour();
    make_room(Behaviour::all);
    go_on();
}

Task<Result<std::unique_ptr<Channel>>> ChaosTransport::open(Runtime& runtime, TimePoint deadline) const {
    auto wire = wire_;
    Loop& loop = runtime.loop();
    const int number = ++wire->lives;
    wire->note("opens", number);
    if (wire->behaviour.open_takes > Duration::zero()) {
        const TimePoint ready = loop.now() + wire->behaviour.open_takes;
        testing::Until until(loop, std::min(ready, deadline));
        ++wire->openings;
        co_await until;
        --wire->openings;
        if (ready > deadline) co_return Error(ErrorKind::deadline_exceeded, "not opened in time");
    }
    if (const auto refused = wire->behaviour.refuses) {
        Error error(ErrorKind::server_unavailable, "connection refused");
        error.set_attempt_class(*refused);
        co_return error;
    }
    wire->room = Behaviour::all;
    auto life = std::make_shared<Life>(wire, number);
    std::unique_ptr<Channel> channel =
        std::make_unique<ChaosChannel>(loop, runtime.stream_resources(), wire, std::move(life));
    co_return std::move(channel);
}

}  // namespace haive::mcp::chaos
