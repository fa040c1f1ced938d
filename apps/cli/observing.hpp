#pragma once

#include "cli/arguments.hpp"
#include "cli/interrupt.hpp"
#include "haive/mcp/base/result.hpp"
#include "haive/mcp/transport/runtime.hpp"

#include <memory>
#include <string>

namespace haive::mcp {
class FlightRecorder;
class Metrics;
class MetricsEndpoint;
class OtlpExporter;
}  // namespace haive::mcp

namespace haive::mcp::cli {

/// What `--metrics`, `--otlp`, `--log-file` and `--record` ask for: set up before the runtime is made, done with after
/// its connections.
class Observing {
public:
    /// Nothing is measured or recorded that was not asked for.
    Observing(const Invocation& run, Interrupt& interrupt);
    ~Observing();
    Observing(const Observing&) = delete;
    Observing& operator=(const Observing&) = delete;

    /// Adds to `parts` what looks on; `log` is the sink of the log lines. Then opens what was asked for.
    Result<void> begin(RuntimeParts& parts, std::shared_ptr<EventSink> log);
    /// Writes the record, if one was asked for. False, with a line on stderr, when it cannot be written.
    bool finish();

private:
    [[nodiscard]] bool write_record() const;
    Result<void> open_otlp();

    const Invocation& run_;
    Interrupt& interrupt_;
    std::shared_ptr<Metrics> metrics_;
    std::shared_ptr<FlightRecorder> recorder_;
    std::shared_ptr<OtlpExporter> otlp_;
    std::unique_ptr<MetricsEndpoint> endpoint_;
};

}  // namespace haive::mcp::cli
