#pragma once

#include "haive/mcp/connection/connection_options.hpp"
#include "haive/mcp/manager/manager_options.hpp"
#include "haive/mcp/manager/upstream_options.hpp"
#include "haive/mcp/pool/pool_options.hpp"
#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/socket.hpp"
#include "haive/mcp/transport/stdio.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace haive::mcp {

/// An option that is a member of ConnectionOptions::client.
template <class T>
struct OfClient {
    T ClientOptions::* member;
};

/// The kinds of members that options are.
template <class Options>
using ParameterMember =
    std::variant<bool Options::*, int Options::*, std::size_t Options::*, double Options::*, Seconds Options::*,
                 std::chrono::milliseconds Options::*, std::string Options::*, std::optional<Seconds> Options::*,
                 std::optional<int> Options::*, std::optional<std::string> Options::*, NameFilter Options::*,
                 StartPolicy Options::*, std::optional<PoolMode> Options::*, OfClient<EraPreference>, OfClient<bool>,
                 OfClient<int>, OfClient<Seconds>>;

inline constexpr double no_limit = 1e9;

/// The numbers an option may be.
struct ParameterRange {
    double least = 0;
    double most = no_limit;
    bool above_least = false;  ///< `least` itself is too little
};

/// One option of a structure as a configuration may set it.
template <class Options>
struct Parameter {
    std::string_view name;
    ParameterMember<Options> member;
    std::string_view about;
    ParameterRange range = {};
};

/// All of them, in the order in which they are shown.
template <class Options>
[[nodiscard]] std::span<const Parameter<Options>> parameters_of();

template <>
std::span<const Parameter<ConnectionOptions>> parameters_of();
template <>
std::span<const Parameter<UpstreamOptions>> parameters_of();
template <>
std::span<const Parameter<PoolOptions>> parameters_of();
template <>
std::span<const Parameter<ManagerOptions>> parameters_of();
template <>
std::span<const Parameter<StdioOptions>> parameters_of();
template <>
std::span<const Parameter<HttpOptions>> parameters_of();
template <>
std::span<const Parameter<SocketOptions>> parameters_of();

}  // namespace haive::mcp
