#pragma once

#include "haive/mcp/transport/stdio.hpp"
#include "transport/stdio/pipe_stream.hpp"
#include "transport/stdio/process_spawner.hpp"
#include "transport/stdio/secret_mask.hpp"
#include "transport/stdio/shutdown_machine.hpp"
#include "transport/stdio/stderr_reader.hpp"
#include "transport/stream/stream_channel.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace haive::mcp {

/// Our ends of the three pipes of a child.
struct ChildPipes {
    int to_stdin = -1;
    int from_stdout = -1;
    int from_stderr = -1;
};

/// The channel to a child process: the shared stream channel, plus stderr, the exit, and how to end it.
class StdioChannel final : public StreamChannel {
public:
    StdioChannel(EpollLoop& loop, StreamResources& resources, std::unique_ptr<ChildProcess> child, ChildPipes pipes,
                 const StdioOptions& options);
    ~StdioChannel() override;

    ChannelEvidence evidence() const override;
    void close(CloseMode mode, UniqueFunction<void()> done) override;

protected:
    Error enrich(Error error) const override;
    void stream_ended(Error error, bool graceful) override;

private:
    void on_exit(ProcessEnd end);
    void on_grace_over();
    void lose_child();
    void step_shutdown();
    void finish_close();
    void finished();
    [[nodiscard]] PipeStream& pipes() noexcept { return static_cast<PipeStream&>(stream()); }
    [[nodiscard]] std::optional<int> exit_code() const;
    [[nodiscard]] std::optional<int> exit_signal() const;

    std::int64_t pid_;
    SecretMask mask_;
    StderrReader stderr_;
    ShutdownMachine shutdown_;
    std::optional<ProcessEnd> ended_;
    std::optional<Error> stream_error_;  // the stream ended; its reason waits for the exit status
    Timer timer_;
    std::vector<UniqueFunction<void()>> close_done_;
    bool releasing_ = false;
    std::unique_ptr<ChildProcess> child_;  // last: its destruction ends the family before anything else goes
};

}  // namespace haive::mcp
