#pragma once

#include "haive/mcp/base/result.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// One argument that travels beside the message as a header.
struct ParameterHeader {
    std::string name;               ///< `Region` of `Mcp-Param-Region`
    std::vector<std::string> path;  ///< of property names, outermost first
};

/// The arguments of a tool that its input schema marks with `x-mcp-header` (MCP 2026-07-28, *Streamable HTTP*).
///
/// Errors: protocol_violation, whose message says why a client must not use the tool at all: a name that is
/// empty, no RFC 9110 token, or there twice; a property that is no string, integer or boolean; an annotation
/// anywhere but under `properties`. Bounded: schemas nested deeper than 128 levels are refused. Pure.
[[nodiscard]] Result<std::vector<ParameterHeader>> parameter_header_plan(std::string_view input_schema);

/// The header lines for a call, each ended by CRLF. Missing and null arguments have none, nor have values of
/// a type that a header cannot carry, or integers beyond 2^53 - 1. Pure.
[[nodiscard]] std::string parameter_header_lines(const std::vector<ParameterHeader>& plan,
                                                 const boost::json::object& arguments);

}  // namespace haive::mcp
