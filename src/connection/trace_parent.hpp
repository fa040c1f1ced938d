#pragma once

#include "haive/mcp/base/random.hpp"
#include "haive/mcp/observe/call_observer.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// `traceparent` of W3C Trace Context, version 00; nullopt for anything that is not one.
[[nodiscard]] std::optional<TraceContext> parse_trace_parent(std::string_view text) noexcept;
[[nodiscard]] std::string trace_parent_text(const TraceContext& context);

/// The span of a call: a child of the `traceparent` in the caller's `_meta`, or the first of a new trace.
[[nodiscard]] TraceContext first_span(const boost::json::object& meta, Random& random);
[[nodiscard]] TraceContext child_span(const TraceContext& parent, Random& random);

}  // namespace haive::mcp
