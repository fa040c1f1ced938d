#pragma once

#include "haive/mcp/config/config.hpp"

#include <string>

namespace haive::mcp {

/// What a server is, as 32 hexadecimal digits: equal when its entry means the same, whatever its name, its layout,
/// the order of its variables, and whether an option is written out or left at its default; different as soon as
/// its command, arguments, folder, variables, URL, headers, certificates or any option differ. It stays the same from
/// run to run of one release. Secrets go in, through SHA-256, and cannot be read out of it. Thread-safe.
///
/// Transports of other kinds than a configuration makes count by what they say of themselves (`describe`).
/// Handlers, roots, runtimes and credentials objects are not part of it.
[[nodiscard]] std::string fingerprint(const ServerConfig& server);

}  // namespace haive::mcp
