#pragma once

#include "haive/mcp/observe/metrics.hpp"

#include <string>

namespace haive::mcp {

/// What the text below is, for an HTTP header.
inline constexpr std::string_view prometheus_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// All metrics in the Prometheus text format 0.0.4. Any thread; about 60 us and 40 KB for a server that has seen
/// everything. MetricsEndpoint sends it piece by piece instead.
///
/// Names follow OpenTelemetry's rules of translation: dots become underscores, the unit and, for counters, `_total`
/// are appended. One differs: `connection.count` is `..._connections`, for `_count` belongs to histograms there.
[[nodiscard]] std::string prometheus_text(const Metrics& metrics);

}  // namespace haive::mcp
