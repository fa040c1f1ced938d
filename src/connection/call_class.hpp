#pragma once

#include "connection/retry_plan.hpp"
#include "haive/mcp/observe/server_metrics.hpp"
#include "haive/mcp/protocol/caller.hpp"

namespace haive::mcp {

/// What is known of a request besides its method.
[[nodiscard]] RetryTraits traits_of(const Request& request, bool trust_annotations) noexcept;
/// As metrics tell requests apart.
[[nodiscard]] CallClass call_class(RetryClass retry_class) noexcept;
/// A request ended before a connection saw it.
void count_refusal(ServerMetrics& metrics, const Request& request, bool trust_annotations, ErrorKind kind) noexcept;

}  // namespace haive::mcp
