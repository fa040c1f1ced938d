#pragma once

#include "haive/mcp/observe/event.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace haive::mcp {

/// A text that may leave the process: what looks like a secret is replaced by `***`, and it is cut at 512 bytes.
///
/// Replaced are a URL's user, query, fragment and what looks like a key in its path; the values of `NAME=value` in
/// capitals (environment variables) and of names that speak of tokens, keys, passwords, cookies or authorization; what
/// follows `Bearer` and `Basic`; and words of the well-known shapes of keys (`sk-...`, `ghp_...`, `eyJ...`). It is the
/// second line of defence: the first is that no text of a peer and no argument is handed to an exporter at all. Pure.
[[nodiscard]] std::string redacted(std::string_view text);

/// Whether an oddity of this kind is the library's own report, in its own words, and rare: `lease_leak`,
/// `lease_returned`, `storm`, `catalogue_not_saved`. The other kinds repeat what a server wrote, as often as it likes.
[[nodiscard]] bool is_own_kind(std::string_view kind) noexcept;

/// An event as every exporter writes it: like `to_json`, with its reason redacted, and of a text that a server wrote
/// only the length.
[[nodiscard]] boost::json::object redacted_json(const Event& event);

}  // namespace haive::mcp
