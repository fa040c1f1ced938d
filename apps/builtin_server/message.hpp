#pragma once

#include "outlet.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace builtin {

namespace json = boost::json;

// The members of `_meta` that the modern era knows.
inline constexpr std::string_view version_key = "io.modelcontextprotocol/protocolVersion";
inline constexpr std::string_view capabilities_key = "io.modelcontextprotocol/clientCapabilities";
inline constexpr std::string_view log_level_key = "io.modelcontextprotocol/logLevel";
inline constexpr std::string_view subscription_key = "io.modelcontextprotocol/subscriptionId";

/// A request that cannot be answered with a result.
struct Refusal {
    int code;
    std::string message;
    json::object data = {};
};

inline constexpr std::string_view related_task_key = "io.modelcontextprotocol/related-task";
/// The extension under which the modern era has tasks.
inline constexpr std::string_view tasks_extension = "io.modelcontextprotocol/tasks";

/// One request of the client.
struct Request {
    json::value id;
    std::string method;
    json::object params;
    OutletPtr to;  // where its answer goes, and what is said about it before
    bool modern = false;
};

/// The object member `key`; an empty one when it is missing or something else.
[[nodiscard]] const json::object& object_in(const json::object& in, std::string_view key);

/// The string member `key`, or Refusal -32602.
[[nodiscard]] std::string text_param(const json::object& params, std::string_view key);
/// The same, but it may be missing.
[[nodiscard]] std::string text_param(const json::object& params, std::string_view key, std::string_view fallback);

[[nodiscard]] double number_param(const json::object& params, std::string_view key);
/// A whole number from 0 to `most` (or from -most, if `negative`), or Refusal -32602.
[[nodiscard]] std::int64_t integer_param(const json::object& params, std::string_view key, std::int64_t fallback,
                                         std::int64_t most, bool negative = false);

[[nodiscard]] bool is_utf8(std::string_view text);
/// The text with U+FFFD in place of what is no UTF-8: files and variables hold any bytes, JSON does not.
[[nodiscard]] std::string as_utf8(std::string_view text);

}  // namespace builtin
