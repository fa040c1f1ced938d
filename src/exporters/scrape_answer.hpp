#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// The whole HTTP answer to a request whose head is `head`, up to and with the empty line; `text` makes the metrics.
/// Only `GET` and `HEAD` of `/metrics` get them. Pure but for `text`.
[[nodiscard]] std::string scrape_answer(std::string_view head, const std::function<std::string()>& text);

}  // namespace haive::mcp
