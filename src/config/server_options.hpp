#pragma once

#include "config/config_problem.hpp"
#include "haive/mcp/connection/connection_options.hpp"
#include "haive/mcp/manager/upstream_options.hpp"
#include "haive/mcp/pool/pool_options.hpp"
#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/socket.hpp"
#include "haive/mcp/transport/stdio.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Everything that an entry and `defaults` can set: how a connection, its manager, its pool and its transport behave.
struct ServerOptions {
    ConnectionOptions connection;
    UpstreamOptions upstream;
    std::optional<PoolOptions> pool;
    // Which of them counts is known when the entry was read. An entry's command line and headers go in here too.
    StdioOptions stdio;
    HttpOptions http;
    SocketOptions socket;
    /// The pointers of those that were set, by name (`pool.max_size` for one of the pool).
    std::map<std::string, std::string> set_at;
};

/// Sets the option `key`, which stands at `pointer`. False when there is no such option. What is wrong with the value
/// goes to `notes`, with `where` (`server 'files': `, `defaults.`) before the key.
bool set_server_option(ServerOptions& options, std::string_view key, const boost::json::value& value,
                       const std::string& pointer, const std::string& where, ConfigNotes& notes);

/// What is wrong with options that do not go together, at the one to be blamed, or at `otherwise`.
[[nodiscard]] std::optional<ConfigProblem> check_server_options(const ServerOptions& options,
                                                                const std::string& otherwise);

/// Complains about a key that means nothing: an error when it is nearly one of `known`, else a warning. Nothing more is
/// said after an error or a hundred warnings.
void note_unknown_key(std::string_view key, const std::string& pointer, const std::string& where,
                      const std::vector<std::string>& known, ConfigNotes& notes);

}  // namespace haive::mcp
