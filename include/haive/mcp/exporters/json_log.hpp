#pragma once

#include "haive/mcp/base/result.hpp"
#include "haive/mcp/observe/event.hpp"

#include <memory>
#include <string>

namespace haive::mcp {

/// The event as one line of JSON for a log, without its newline; empty for what is only counted: probes that were
/// answered, oddities that a server brought about, steps within a status. Pure.
[[nodiscard]] std::string json_log_line(const Event& event);

/// A sink that appends one line of JSON to a file for every change of a connection's state and every finding of the
/// library's own (`is_own_kind`: a leaked lease with its place, a storm...), and for the rest, which may come often,
/// one line of counts for each server with the next change. Redacted like everything that leaves.
///
/// The file is rotated at `most_bytes`: `FILE`, `FILE.1`, ... up to `files`; written and flushed on the loop's thread,
/// a line each change; readable by its owner only. ErrorKind::invalid_config when it cannot be opened.
struct JsonLogOptions {
    JsonLogOptions() = default;
    std::string path;
    std::size_t most_bytes = 10'000'000;
    std::size_t files = 3;
};
[[nodiscard]] Result<std::shared_ptr<EventSink>> open_json_log(const JsonLogOptions& options);

}  // namespace haive::mcp
