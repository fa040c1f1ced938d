#pragma once

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace haive::mcp {

enum class ElicitMode : std::uint8_t {
    form,  ///< fields to fill in; also when the server did not say
    url,   ///< a page to open (2025-11-25); never without consent, never prefetched
};

/// A server asks the user something (`elicitation/create`, *Elicitation*). Untrusted.
struct ElicitRequest {
    ElicitRequest() = default;
    ElicitMode mode = ElicitMode::form;
    std::string message;
    RawJson requested_schema;    ///< form: a flat object schema, byte for byte
    std::string url;             ///< url mode
    std::string elicitation_id;  ///< url mode, 2025-11-25 only
    RawJson meta;
    RawJson raw;  ///< the whole params, byte for byte
};

enum class ElicitAction : std::uint8_t { accept, decline, cancel };

struct ElicitResult {
    ElicitResult() = default;
    ElicitAction action = ElicitAction::cancel;
    /// Written only with `accept`; leave it unset in url mode.
    std::optional<boost::json::object> content;
};

/// Strict on `message`, on the mode, and on what the mode needs. Errors: protocol_violation naming the
/// field; answer the server with invalid_params then.
[[nodiscard]] Result<ElicitRequest> parse_elicit_request(std::string_view raw_params);
[[nodiscard]] RawJson to_json(const ElicitResult& result);

}  // namespace haive::mcp
