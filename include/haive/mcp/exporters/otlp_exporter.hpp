#pragma once

#include "haive/mcp/base/result.hpp"
#include "haive/mcp/observe/call_observer.hpp"
#include "haive/mcp/observe/metrics.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp {

struct OtlpOptions {
    OtlpOptions() = default;
    /// `http://HOST:PORT` of a collector (`/v1/traces` and `/v1/metrics` are appended), or a file, to which JSON lines
    /// are appended.
    std::string target;
    /// Sent with every request, for authentication. Never shown.
    std::vector<std::pair<std::string, std::string>> headers;
    std::string service_name = "haive-mcp";
    Seconds interval{10.0};    ///< between two exports; above zero
    std::size_t queue = 4096;  ///< spans that wait for the next export; more are dropped and counted
};

/// Metrics and the spans of calls in OpenTelemetry's JSON, from a thread of its own: a collector that is slow or gone
/// costs dropped spans, never a call's time.
///
/// Give it to the runtime as `calls`, and it traces: every call is a span, every attempt a child of it, and the
/// attempt's context goes to the server in `_meta.traceparent`. A `traceparent` in the caller's own `meta` is the
/// parent; one that says "not sampled" is honoured. Threads: any. The destructor exports what is left, for 5 s at most.
class OtlpExporter final : public CallObserver {
public:
    /// ErrorKind::invalid_config when the target is no URL of HTTP and cannot be opened as a file.
    static Result<std::shared_ptr<OtlpExporter>> open(OtlpOptions options, std::shared_ptr<const Metrics> metrics);
    ~OtlpExporter() override;
    OtlpExporter(const OtlpExporter&) = delete;
    OtlpExporter& operator=(const OtlpExporter&) = delete;

    [[nodiscard]] bool traces() const noexcept override { return true; }
    void on_call(const CallRecord& record) noexcept override;
    /// Asks for an export now; does not wait for it.
    void flush();

    /// Exports what is left and ends; for 5 s at most for each of spans and metrics. The destructor does it, too.
    void finish();

    struct Counts {
        std::uint64_t exported = 0;  ///< spans that the target took
        std::uint64_t dropped = 0;   ///< spans that found the queue full, or that the target did not take
        std::uint64_t failures = 0;  ///< exports, of spans or metrics, that did not get through
    };
    [[nodiscard]] Counts counts() const;

private:
    struct Impl;
    explicit OtlpExporter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace haive::mcp
