#pragma once

#include "haive/mcp/observe/event.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace haive::mcp {

/// A text that may leave the process: what looks like a secret is replaced by `***`, and it is cut at 512 bytes.
///
/// Replaced are a URL's user, query and fragment; the values of `NAME=value` in capitals (environment variables) and
/// of names that speak of tokens, keys, passwords, cookies or authorization; what follows `Bearer` and `Basic`; and
/// words of the well-known shapes of keys (`sk-...`, `ghp_...`, `eyJ...`). It is the second line of defence: the first
/// is that no text of a peer and no argument is handed to an exporter at all. Pure.
[[nodiscard]] std::string redacted(std::string_view text);

/// An event as every exporter writes it: like `to_json`, with its reason redacted, and of a text that a server wrote
/// only the length.
[[nodiscard]] boost::json::object redacted_json(const Event& event);

}  // namespace haive::mcp
