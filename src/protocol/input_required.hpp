#pragma once

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haive::mcp {

/// One question of an `input_required` result (MCP 2026-07-28, *Multi Round-Trip Requests*).
struct InputRequest {
    std::string key;     ///< the server's; the response goes under the same one
    std::string method;  ///< `elicitation/create`, `sampling/createMessage` or `roots/list`
    RawJson params;      ///< an object; `{}` when there was none
};

/// What a server needs before it can go on. Untrusted.
struct InputRequired {
    std::vector<InputRequest> requests;
    std::string request_state;  ///< the JSON string as it was spelt; empty when there was none
};

/// `resultType` of a result: "complete" when it says nothing. Stops at the member; pure.
[[nodiscard]] std::string result_type(std::string_view raw_result);

/// Errors: protocol_violation, also for more than 64 questions.
[[nodiscard]] Result<InputRequired> parse_input_required(std::string_view raw_result);

/// The params of the next round: the original ones, byte for byte, with the responses and the server's state;
/// what the original had of these two is left out. `responses` are keys with bare result objects. Pure.
[[nodiscard]] std::string params_with_input(std::string_view params,
                                            const std::vector<std::pair<std::string, RawJson>>& responses,
                                            std::string_view request_state);

/// `data.elicitations` of a -32042 error (2025-11-25): the params of each; at most 16, malformed ones left out.
[[nodiscard]] std::vector<RawJson> required_elicitations(std::string_view rpc_data);

}  // namespace haive::mcp
