#pragma once

#include "http_parser.hpp"
#include "message.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace builtin {

// What an HTTP request must say before its message is looked at. Pure.

/// Whether `host` (a Host header: name and perhaps a port) is this machine's loopback.
[[nodiscard]] bool is_local_host(std::string_view host);
/// Against DNS rebinding: the request names the loopback as its host and, if it comes from a page, as its origin.
[[nodiscard]] bool comes_from_here(const HttpRequest& request);
/// Whether the Accept header allows `type`; without the header, everything is allowed.
[[nodiscard]] bool accepts(const HttpRequest& request, std::string_view type);
[[nodiscard]] bool is_json(const HttpRequest& request);

/// The text that a header of the modern era stands for: itself, or what its base64 holds; nullopt when that is broken.
[[nodiscard]] std::optional<std::string> decoded_header(std::string_view value);

/// The arguments that headers repeat, `{argument, Header-Name}` each.
using HeaderArguments = std::vector<std::pair<std::string, std::string>>;

/// The modern era's headers against the message that they describe. Throws Refusal -32020 where they differ, and what
/// check_envelope() throws for the envelope of a request.
void check_modern_headers(const HttpRequest& request, const json::object& message);
/// The same for the arguments of a tool.
void check_header_arguments(const HttpRequest& request, const json::object& arguments, const HeaderArguments& repeated);

/// Whether the request is of the modern era: its body says so, or its header.
[[nodiscard]] bool is_modern(const HttpRequest& request, const json::object& message);
/// The HTTP status for a JSON-RPC error of the modern era; 0 stands for a result.
[[nodiscard]] int modern_status(int code);

}  // namespace builtin
