#pragma once

#include "haive/mcp/observe/call_observer.hpp"
#include "haive/mcp/observe/metrics.hpp"

#include <chrono>
#include <span>
#include <string>

namespace haive::mcp {

/// A call's record that owns its texts: one span.
struct OtlpSpan {
    CallRecord record;
    std::string server;
    std::string method;
    std::string name;
    std::string protocol_version;
};
[[nodiscard]] OtlpSpan otlp_span(const CallRecord& record);

using WallTime = std::chrono::system_clock::time_point;

// The bodies of OTLP/HTTP's two requests, in the JSON encoding of protobuf: ids in hexadecimal, 64 bits as text. Pure.
[[nodiscard]] std::string otlp_traces(std::span<const OtlpSpan> spans, const std::string& service);
[[nodiscard]] std::string otlp_metrics(const Metrics& metrics, const std::string& service, WallTime began,
                                       WallTime now);

}  // namespace haive::mcp
