#include "transport/stdio/stdio_channel.hpp"

#include "transport/stdio/mend_hints.hpp"

#include <algorithm>
#include <csignal>

namespace haive::mcp {

namespace {

// A dying process closes its pipes a moment before its parent hears of its exit.
constexpr Duration exit_grace = std::chrono::milliseconds(40);
constexpr std::size_t tail_lines = 20;
constexpr std::size_t tail_bytes = 2048;

StreamLimits stream_limits(const StdioOptions& options) {
    StreamLimits limits;
    limits.max_message = options.max_message_bytes;
    limits.max_outbox = options.max_outbox_bytes;
    return limits;
}

ShutdownTimes shutdown_times(const StdioOptions& options) {
    ShutdownTimes times;
    times.after_eof = std::max<Duration>(options.term_after, Duration::zero());
    times.after_term = std::max<Duration>(options.kill_after, Duration::zero());
    return times;
}

}  // namespace

StdioChannel::StdioChannel(EpollLoop& loop, StreamResources& resources, std::unique_ptr<ChildProcess> child,
                           ChildPipes pipes, const StdioOptions& options)
    : StreamChannel(loop, resources, std::make_unique<PipeStream>(loop, resources, pipes.to_stdin, pipes.from_stdout),
                    stream_limits(options)),
      pid_(child->pid()),
      mask_(options.env),
      stderr_(loop, resources, pipes.from_stderr, options.stderr_bytes,
              options.on_stderr_line ? [mask = mask_, tell = options.on_stderr_line](
                                           std::string_view line) { tell(mask.hide(printable(line))); }
                                     : StderrReader::OnLine()),
      shutdown_(shutdown_times(options)),
      timer_(loop, [this] { shutdown_.asked() ? step_shutdown() : on_grace_over(); }),
      child_(std::move(child)) {
    child_->on_exit = [this](ProcessEnd end) { on_exit(end); };
}

StdioChannel::~StdioChannel() = default;

std::optional<int> StdioChannel::exit_code() const {
    if (!ended_ || ended_->unknown || ended_->signal != 0) return std::nullopt;
    return ended_->code;
}

std::optional<int> StdioChannel::exit_signal() const {
    if (!ended_ || ended_->signal == 0) return std::nullopt;
    return ended_->signal;
}

ChannelEvidence StdioChannel::evidence() const {
    ChannelEvidence e = StreamChannel::evidence();
    e.pid = pid_;
    e.exit_code = exit_code();
    e.exit_signal = exit_signal();
    e.stderr_tail = mask_.hide(stderr_.ring().tail(tail_lines, tail_bytes));
    e.first_junk_line = mask_.hide(printable(e.first_junk_line));
    if (!e.peer_showed_life && e.bytes_out > 0) {
        e.peer_showed_life = const_cast<StdioChannel*>(this)->pipes().input_was_read();
    }
    return e;
}

Error StdioChannel::enrich(Error error) const {
    auto& details = error.edit();
    details.exit_code = exit_code();
    details.exit_signal = exit_signal();
    details.stderr_tail = mask_.hide(stderr_.ring().tail(tail_lines, tail_bytes));
    if (details.mend.empty()) details.mend = mend_hint(details.exit_code, details.exit_signal, details.stderr_tail);
    return error;
}

void StdioChannel::stream_ended(Error error, bool /*graceful*/) {
    if (!talking()) return;
    if (ended_) {
        lose_child();
        return;
    }
    if (stream_error_) return;
    stream_error_ = std::move(error);
    timer_.arm(loop().now() + exit_grace);
}

/// The pipes are closed and the process lives on: it is of no use as a server.
void StdioChannel::on_grace_over() {
    if (!talking() || !stream_error_) return;
    Error error = *stream_error_;
    error.edit().message += " but process " + std::to_string(pid_) + " still runs";
    lose(std::move(error), false);
}

void StdioChannel::on_exit(ProcessEnd end) {
    ended_ = end;
    stderr_.drain();
    if (shutdown_.asked()) {
        shutdown_.on_exit();
        finish_close();
        return;
    }
    if (!talking()) return;
    timer_.disarm();
    auto self = watch();
    pipes().drain();  // answers that it wrote before it died; an end of file comes back as stream_ended
    if (*self != nullptr && talking()) lose_child();
}

void StdioChannel::lose_child() {
    const bool never_spoke = StreamChannel::evidence().bytes_in == 0;
    const auto code = exit_code();
    const bool not_startable = never_spoke && (code == 126 || code == 127);
    std::string text =
        "the server process " + std::to_string(pid_) + " ended with " + describe_end(code, exit_signal());
    if (ended_ && ended_->unknown) text = "the server process " + std::to_string(pid_) + " is gone";
    Error error(not_startable ? ErrorKind::invalid_command : ErrorKind::connection_lost, std::move(text));
    lose(std::move(error), code == 0);
}

void StdioChannel::close(CloseMode mode, UniqueFunction<void()> done) {
    close_done_.push_back(std::move(done));
    stop_talking(Error(ErrorKind::shutdown, "the connection was closed"));
    if (ended_ || !child_ || releasing_) {
        finish_close();
        return;
    }
    shutdown_.ask(mode, loop().now());
    step_shutdown();
}

void StdioChannel::step_shutdown() {
    for (;;) {
        switch (shutdown_.next(loop().now())) {
            case ShutdownMachine::Step::close_input: pipes().close_input(); break;
            case ShutdownMachine::Step::send_term: child_->signal_group(SIGTERM); break;
            case ShutdownMachine::Step::send_kill: child_->signal_group(SIGKILL); break;
            case ShutdownMachine::Step::wait: timer_.arm(shutdown_.due()); return;
            case ShutdownMachine::Step::done: finish_close(); return;
        }
    }
}

void StdioChannel::finish_close() {
    timer_.disarm();
    stream().close();
    if (!child_) {
        finished();
        return;
    }
    if (std::exchange(releasing_, true)) return;
    child_->release([self = watch()] {
        if (*self != nullptr) static_cast<StdioChannel*>(*self)->finished();
    });
}

void StdioChannel::finished() {
    child_.reset();
    for (auto& done : std::exchange(close_done_, {})) loop().post(std::move(done));
}

}  // namespace haive::mcp
