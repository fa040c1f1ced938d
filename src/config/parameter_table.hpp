#pragma once

#include "haive/mcp/connection/connection_options.hpp"
#include "haive/mcp/manager/manager_options.hpp"
#include "haive/mcp/manager/upstream_options.hpp"
#include "haive/mcp/pool/pool_options.hpp"
#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/socket.hpp"
#include "haive/mcp/transport/stdio.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

enum class ParameterOutcome : std::uint8_t { unknown, set, wrong };

/// What is wrong with a value: `must be a number of seconds`, and how it could be written.
struct ParameterProblem {
    std::string what;
    std::string mend;
};

/// The options of a structure by their documented names, with the ranges and texts that the reader, the schema and
/// `config show` share. There are tables of ConnectionOptions, UpstreamOptions, PoolOptions, ManagerOptions, and of
/// the numbers and switches of StdioOptions, HttpOptions and SocketOptions.
template <class Options>
struct ParameterTable {
    /// Sets the option `key` to `value`, or says what is wrong with it and leaves `options` alone.
    static ParameterOutcome set(Options& options, std::string_view key, const boost::json::value& value,
                                ParameterProblem& problem);
    /// All options as a configuration would write them, in the table's order.
    static boost::json::object values(const Options& options);
    /// A JSON Schema for each option: the `properties` of an object.
    static boost::json::object schema();
    static std::vector<std::string> names();
};

extern template struct ParameterTable<ConnectionOptions>;
extern template struct ParameterTable<UpstreamOptions>;
extern template struct ParameterTable<PoolOptions>;
extern template struct ParameterTable<ManagerOptions>;
extern template struct ParameterTable<StdioOptions>;
extern template struct ParameterTable<HttpOptions>;
extern template struct ParameterTable<SocketOptions>;

}  // namespace haive::mcp
