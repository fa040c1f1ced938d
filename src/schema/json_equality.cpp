#include "schema/json_equality.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace haive::mcp::schema {

namespace json = boost::json;

namespace {

__int128 integer_of(const json::value& v) noexcept {
    return v.is_int64() ? static_cast<__int128>(v.get_int64()) : static_cast<__int128>(v.get_uint64());
}

int sign(bool below, bool above) noexcept { return above ? 1 : below ? -1 : 0; }

/// An integer against a double, without rounding the integer.
int compare_mixed(__int128 whole, double real) noexcept {
    constexpr double beyond = 1e30;
    if (std::isnan(real)) return -1;
    if (real > beyond) return -1;
    if (real < -beyond) return 1;
    const double floor = std::floor(real);
    const auto cut = static_cast<__int128>(floor);
    if (whole != cut) return sign(whole<cut, whole> cut);
    return real > floor ? -1 : 0;
}

std::size_t mix(std::size_t seed, std::size_t more) noexcept {
    return seed ^ (more + 0x9E3779B97F4A7C15ULL + (seed << 6U) + (seed >> 2U));
}

}  // namespace

int compare_numbers(const json::value& a, const json::value& b) noexcept {
    if (a.is_double() && b.is_double()) return sign(a.get_double() < b.get_double(), a.get_double() > b.get_double());
    if (a.is_double()) return -compare_mixed(integer_of(b), a.get_double());
    if (b.is_double()) return compare_mixed(integer_of(a), b.get_double());
    return sign(integer_of(a) < integer_of(b), integer_of(a) > integer_of(b));
}

bool is_whole(const json::value& number) noexcept {
    return !number.is_double() || std::trunc(number.get_double()) == number.get_double();
}

bool is_multiple(const json::value& number, const json::value& divisor) noexcept {
    if (!number.is_double() && !divisor.is_double()) {
        const __int128 by = integer_of(divisor);
        return by != 0 && integer_of(number) % by == 0;
    }
    const double quotient = number.to_number<double>() / divisor.to_number<double>();
    if (!std::isfinite(quotient)) return false;
    const double off = std::abs(quotient - std::round(quotient));
    return off <= 8 * std::numeric_limits<double>::epsilon() * std::max(1.0, std::abs(quotient));
}

std::optional<bool> equal(const json::value& a, const json::value& b, std::size_t& steps) {
    if (steps == 0) return std::nullopt;
    --steps;
    if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
    if (a.kind() != b.kind()) return false;
    if (a.is_array()) {
        const auto& x = a.get_array();
        const auto& y = b.get_array();
        if (x.size() != y.size()) return false;
        for (std::size_t i = 0; i < x.size(); ++i) {
            const auto same = equal(x[i], y[i], steps);
            if (!same || !*same) return same;
        }
        return true;
    }
    if (a.is_object()) {
        const auto& x = a.get_object();
        const auto& y = b.get_object();
        if (x.size() != y.size()) return false;
        for (const auto& member : x) {
            const json::value* other = y.if_contains(member.key());
            if (other == nullptr) return false;
            const auto same = equal(member.value(), *other, steps);
            if (!same || !*same) return same;
        }
        return true;
    }
    return a == b;
}

std::size_t hash_of(const json::value& value, std::size_t& steps) {
    if (steps != 0) --steps;
    if (value.is_number()) return std::hash<double>()(value.to_number<double>());
    if (value.is_string()) return std::hash<std::string_view>()(std::string_view(value.get_string()));
    if (value.is_bool()) return value.get_bool() ? 11 : 13;
    std::size_t out = static_cast<std::size_t>(value.kind());
    if (value.is_array()) {
        for (const json::value& item : value.get_array()) {
            if (steps == 0) return out;
            out = mix(out, hash_of(item, steps));
        }
    } else if (value.is_object()) {
        for (const auto& member : value.get_object()) {
            if (steps == 0) return out;
            out += mix(std::hash<std::string_view>()(std::string_view(member.key())), hash_of(member.value(), steps));
        }
    }
    return out;
}

}  // namespace haive::mcp::schema
