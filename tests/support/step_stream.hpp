#pragma once

#include "haive/mcp/connection/connection.hpp"
#include "haive/mcp/observe/metrics.hpp"
#include "support/captured_events.hpp"
#include "support/manual_loop.hpp"
#include "support/scripted_server.hpp"
#include "transport/stream/stream_channel.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp::testing {

/// The far end of a StepTransport, held by the test: what it takes, how it slices, when it dies.
/// One for all incarnations; the "process" behind it is a ScriptedServer. Loop thread only.
struct Wire {
    static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

    /// One incarnation's bytes; shared by the stream, the test and late replies.
    struct Pipe : std::enable_shared_from_this<Pipe> {
        Pipe(Loop& l, Wire& w) : loop(l), wire(w), server(std::make_unique<ScriptedServer>(w.script)) {}

        Loop& loop;
        Wire& wire;
        std::unique_ptr<ScriptedServer> server;
        ByteStream::Handler* handler = nullptr;
        std::string to_server;
        bool serving = false;
        bool broken = false;
        bool wants_writable = false;
        bool paused = false;     // the client does not read: what comes for it waits in `held`
        std::size_t most = all;  // bytes that the client wants at once
        bool handing_over = false;
        std::string held;

        void schedule() {
            if (std::exchange(serving, true)) return;
            loop.post([self = shared_from_this()] { self->serve(); });
        }
        void serve() {
            serving = false;
            while (wire.reads && server) {
                const std::size_t newline = to_server.find('\n');
                if (newline == std::string::npos) return;
                const std::string line = to_server.substr(0, newline);
                to_server.erase(0, newline + 1);
                server->on_line(line, [weak = weak_from_this()](std::string reply) {
                    auto self = weak.lock();
                    if (!self) return;
                    self->loop.post([self, reply] { self->to_client(reply + '\n'); });
                });
            }
        }
        void to_client(const std::string& bytes) {
            if (handler == nullptr) return;
            held += bytes;
            hand_over();
        }
        /// Block by block, as far as the client reads.
        void hand_over() {
            if (std::exchange(handing_over, true)) return;  // said from inside a block: behind what is there
            auto self = shared_from_this();
            std::size_t from = 0;
            while (from < held.size() && handler != nullptr && !paused) {
                std::string block = held.substr(from, std::min(wire.slice, most));
                from += block.size();
                const std::size_t size = block.size();
                block.append(read_slack, ' ');
                handler->on_bytes(block.data(), size);
            }
            held.erase(0, handler == nullptr ? held.size() : from);
            handing_over = false;
        }
    };

    explicit Wire(std::shared_ptr<Script> s) : script(std::move(s)) {}

    // What the next opening, and the far end, do.
    std::shared_ptr<Script> script;
    std::function<std::optional<Error>(int attempt)> on_open;  // an Error refuses; attempts from 1
    Duration open_takes{};
    Duration close_takes{};
    std::size_t accepts = all;  // bytes that the pipe still has room for
    std::size_t slice = all;    // bytes per block that the client gets
    bool reads = true;          // false: a stopped process; bytes are taken, nothing is answered
    ChannelEvidence known;      // pid, exit code, stderr tail: merged into the evidence
    StreamLimits limits;
    bool dies_when_closed = false;  // its end is told while it is being closed, as a broken pipe would be

    // What happened.
    int attempts = 0;
    int opened = 0;
    int live = 0;
    int most_live = 0;
    int pauses = 0;  // in which the client did not read
    std::vector<TimePoint> attempt_times;
    std::vector<CloseMode> closes;
    std::string taken;  // every byte that the pipe took, of all incarnations
    std::shared_ptr<Pipe> pipe;

    /// The present incarnation ends: no more bytes either way.
    void die(bool graceful = false) {
        auto now = std::exchange(pipe, nullptr);
        if (!now) return;
        now->broken = true;
        now->server.reset();
        if (auto* handler = std::exchange(now->handler, nullptr)) {
            handler->on_stream_end(Error(ErrorKind::connection_lost, "the server ended"), graceful);
        }
    }
    /// Room for `n` more bytes.
    void take(std::size_t n) {
        accepts = n;
        if (pipe && std::exchange(pipe->wants_writable, false) && pipe->handler != nullptr) {
            pipe->handler->on_writable();
        }
    }
    /// The stopped process goes on.
    void go_on() {
        reads = true;
        if (pipe) pipe->schedule();
    }
    /// Raw bytes to the client, now.
    void say(const std::string& bytes) const {
        if (auto keep = pipe) keep->to_client(bytes);
    }
};

/// A byte stream whose every step the test decides.
class StepStream final : public ByteStream {
public:
    explicit StepStream(std::shared_ptr<Wire::Pipe> pipe) : pipe_(std::move(pipe)) {}
    ~StepStream() override { close(); }

    void start(Handler& handler) override { pipe_->handler = &handler; }
    Written write(std::span<const iovec> pieces) override {
        Written out;
        if (pipe_->broken) {
            out.broken = true;
            return out;
        }
        Wire& wire = pipe_->wire;
        for (const iovec& piece : pieces) {
            const std::size_t n = std::min(piece.iov_len, wire.accepts);
            const std::string bytes(static_cast<const char*>(piece.iov_base), n);
            if (wire.accepts != Wire::all) wire.accepts -= n;
            wire.taken += bytes;
            pipe_->to_server += bytes;
            out.bytes += n;
            if (n < piece.iov_len) {
                out.blocked = true;
                break;
            }
        }
        pipe_->schedule();
        return out;
    }
    void await_writable() override { pipe_->wants_writable = true; }
    void pause_reading() override {
        pipe_->paused = true;
        ++pipe_->wire.pauses;
    }
    void resume_reading() override {
        pipe_->paused = false;
        pipe_->loop.post([pipe = pipe_] { pipe->hand_over(); });
    }
    void limit_turn(std::size_t bytes) override { pipe_->most = bytes; }
    void close() noexcept override {
        pipe_->handler = nullptr;
        pipe_->server.reset();
    }

private:
    std::shared_ptr<Wire::Pipe> pipe_;
};

/// A StreamChannel whose closing takes the time that the test wants, and is counted.
class StepChannel final : public StreamChannel {
public:
    StepChannel(Loop& loop, StreamResources& resources, std::shared_ptr<Wire> wire)
        : StreamChannel(loop, resources, make_stream(loop, *wire), wire->limits),
          wire_(std::move(wire)),
          gone_(loop, [this] { finish(); }) {
        ++wire_->opened;
        ++wire_->live;
        wire_->most_live = std::max(wire_->most_live, wire_->live);
    }
    ~StepChannel() override {
        if (counted_) --wire_->live;
    }
    ChannelEvidence evidence() const override {
        ChannelEvidence e = StreamChannel::evidence();
        e.pid = wire_->known.pid;
        e.exit_code = wire_->known.exit_code;
        e.exit_signal = wire_->known.exit_signal;
        e.stderr_tail = wire_->known.stderr_tail;
        if (wire_->known.peer_showed_life) e.peer_showed_life = true;
        return e;
    }
    void close(CloseMode mode, UniqueFunction<void()> done) override {
        wire_->closes.push_back(mode);
        if (wire_->dies_when_closed) lose(Error(ErrorKind::connection_lost, "late"), false);
        stop_talking(Error(ErrorKind::shutdown, "the connection was closed"));
        stream().close();
        done_.push_back(std::move(done));
        if (!gone_.armed()) gone_.arm(loop().now() + wire_->close_takes);
    }

private:
    static std::unique_ptr<ByteStream> make_stream(Loop& loop, Wire& wire) {
        wire.pipe = std::make_shared<Wire::Pipe>(loop, wire);
        return std::make_unique<StepStream>(wire.pipe);
    }
    void finish() {
        if (std::exchange(counted_, false)) --wire_->live;
        for (auto& done : std::exchange(done_, {})) loop().post(std::move(done));
    }
    Error enrich(Error error) const override {
        auto& details = error.edit();
        details.exit_code = wire_->known.exit_code;
        details.exit_signal = wire_->known.exit_signal;
        details.stderr_tail = wire_->known.stderr_tail;
        return error;
    }

    std::shared_ptr<Wire> wire_;
    Timer gone_;
    std::vector<UniqueFunction<void()>> done_;
    bool counted_ = true;
};

/// Suspends until a moment.
class Until {
public:
    Until(Loop& loop, TimePoint when) : timer_(loop, [this] { std::exchange(waiter_, {}).resume(); }), when_(when) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
        waiter_ = waiter;
        timer_.arm(when_);
    }
    void await_resume() const noexcept {}

private:
    std::coroutine_handle<> waiter_;
    Timer timer_;
    TimePoint when_;
};

/// A transport made of steps: the test's double of every other one.
class StepTransport final : public MCPTransport {
public:
    explicit StepTransport(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

    Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const override {
        auto wire = wire_;
        Loop& loop = runtime.loop();
        const int attempt = ++wire->attempts;
        wire->attempt_times.push_back(loop.now());
        if (wire->open_takes > Duration::zero()) {
            const TimePoint ready = loop.now() + wire->open_takes;
            Until until(loop, std::min(ready, deadline));
            co_await until;
            if (ready > deadline) co_return Error(ErrorKind::deadline_exceeded, "not opened in time");
        }
        if (wire->on_open) {
            if (auto refused = wire->on_open(attempt)) co_return *refused;
        }
        std::unique_ptr<Channel> channel = std::make_unique<StepChannel>(loop, runtime.stream_resources(), wire);
        co_return std::move(channel);
    }
    [[nodiscard]] std::shared_ptr<MCPTransport> clone() const override {
        return std::make_shared<StepTransport>(*this);
    }
    [[nodiscard]] std::string_view type() const noexcept override { return "StepTransport"; }
    [[nodiscard]] std::string describe() const override { return "stepped server"; }

private:
    std::shared_ptr<Wire> wire_;
};

/// Everything one scenario needs: moved time, one scripted peer behind a stepped wire, captured events.
struct World {
    explicit World(std::uint64_t seed = 1, std::shared_ptr<CallObserver> calls = nullptr)
        : events(std::make_shared<CapturedEvents>()),
          metrics(std::make_shared<Metrics>()),
          rt(seed, events, metrics, std::move(calls)) {}
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    /// Lets what was dropped end, so that nothing keeps the loop alive.
    ~World() { rt.loop->advance(std::chrono::minutes(2)); }

    /// Options on this world's runtime.
    [[nodiscard]] ConnectionOptions options() const {
        ConnectionOptions o;
        o.runtime = rt.runtime;
        return o;
    }
    [[nodiscard]] MCPConnection connection(ConnectionOptions o, std::string name = "s") const {
        o.runtime = rt.runtime;
        return MCPConnection(std::move(name), StepTransport(wire), std::move(o));
    }
    [[nodiscard]] MCPConnection connection() const { return connection(ConnectionOptions()); }
    /// A server that cannot be reached from now on.
    void refuse_all() const {
        wire->on_open = [](int) { return Error(ErrorKind::server_unavailable, "connection refused"); };
    }
    void accept_again() const { wire->on_open = nullptr; }

    template <class T>
    T run(Async<T> operation) {
        return rt.runtime->run(std::move(operation));
    }
    /// The end of an operation as a value.
    template <class T>
    Result<T> result(Async<T> operation) {
        while (!operation.is_done() && rt.loop->step()) {}
        return operation.wait();
    }
    void settle() const { rt.loop->settle(); }
    void advance(Duration d) const { rt.loop->advance(d); }
    [[nodiscard]] TimePoint now() const { return rt.loop->now(); }

    std::shared_ptr<CapturedEvents> events;
    std::shared_ptr<Metrics> metrics;
    ManualRuntime rt;
    std::shared_ptr<Script> script = std::make_shared<Script>();
    std::shared_ptr<Wire> wire = std::make_shared<Wire>(script);
};

/// Answers `method` never, everything else as usual.
inline Script::OnRequest never_answers(std::string method) {
    return [method = std::move(method)](const json::object& m, const Script::Reply&) {
        return m.at("method").as_string() == std::string_view(method);
    };
}

/// The seconds between neighbouring moments.
inline std::vector<double> gaps(const std::vector<TimePoint>& times) {
    std::vector<double> out;
    for (std::size_t i = 1; i < times.size(); ++i) out.push_back(to_seconds(times[i] - times[i - 1]));
    return out;
}

}  // namespace haive::mcp::testing
