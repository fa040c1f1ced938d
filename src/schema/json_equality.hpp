#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace haive::mcp::schema {

// Values as JSON Schema compares them: numbers by what they are worth, objects without an order.

/// Below, at or above 0, exactly, across integers and doubles. Preconditions: both are numbers.
[[nodiscard]] int compare_numbers(const boost::json::value& a, const boost::json::value& b) noexcept;
/// A number without a fraction, 1.0 included.
[[nodiscard]] bool is_whole(const boost::json::value& number) noexcept;
/// `divisor` > 0. Rounding of the division's last bits is forgiven: 0.0075 is a multiple of 0.0001.
[[nodiscard]] bool is_multiple(const boost::json::value& number, const boost::json::value& divisor) noexcept;

/// nullopt when `steps` ran out, which each value compared takes one of. Recursion is as deep as the shallower.
[[nodiscard]] std::optional<bool> equal(const boost::json::value& a, const boost::json::value& b, std::size_t& steps);
/// The same for equal values.
[[nodiscard]] std::size_t hash_of(const boost::json::value& value, std::size_t& steps);

}  // namespace haive::mcp::schema
