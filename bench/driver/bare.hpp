#pragma once

#include "driver/cells.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace haive::bench {

/// The physical limit: the bytes that our client writes, in a bare loop of writes and reads. Nothing is parsed but for
/// the end of an answer, nothing is matched: what is left is what the machine must spend.
void bare_stdio(const std::vector<Cell>& cells, const std::vector<std::string>& command);
/// `sample`: a request as our client writes it, with its text (all digits and `x`) to be replaced.
void bare_http(const std::vector<Cell>& cells, std::uint16_t port, std::string_view sample);

/// The newest `tools/call` that the echo server on `port` has had, byte for byte.
[[nodiscard]] std::string last_request(std::uint16_t port);

}  // namespace haive::bench
