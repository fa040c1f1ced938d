#include "pool/pool_options_check.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace haive::mcp {

namespace {

constexpr int most_members = 10'000;

void require(bool holds, const char* field, const char* rule) {
    if (!holds) throw std::invalid_argument(std::string("haive::mcp: pool ") + field + ' ' + rule);
}

void check_seconds(Seconds time, const char* field) {
    require(std::isfinite(time.count()) && time.count() >= 0, field, "must be finite and not negative");
}

}  // namespace

PoolOptions checked(PoolOptions o) {
    if (o.acquire_timeout) check_seconds(*o.acquire_timeout, "acquire_timeout");
    check_seconds(o.idle_timeout, "idle_timeout");
    check_seconds(o.drain_timeout, "drain_timeout");
    check_seconds(o.check_after_idle, "check_after_idle");
    check_seconds(o.check_timeout, "check_timeout");
    check_seconds(o.leak_threshold, "leak_threshold");
    if (o.max_lifetime) check_seconds(*o.max_lifetime, "max_lifetime");
    require(!o.acquire_timeout || *o.acquire_timeout > Seconds(0), "acquire_timeout", "must be above zero");
    require(o.check_timeout > Seconds(0), "check_timeout", "must be above zero");
    require(o.leak_threshold == Seconds(0) || o.leak_threshold >= Seconds(2), "leak_threshold",
            "must be zero or at least 2 s");
    const int max = o.max_size.value_or(most_members);
    require(max >= 1 && max <= most_members, "max_size", "must be within 1 and 10000");
    require(o.min_size >= 0 && o.min_size <= max, "min_size", "must be within 0 and max_size");
    require(o.min_idle >= 0 && o.min_idle <= max, "min_idle", "must be within 0 and max_size");
    const int in_flight = o.max_in_flight.value_or(1);
    require(in_flight >= 1 && in_flight <= most_members, "max_in_flight", "must be within 1 and 10000");
    require(o.max_waiting >= 0, "max_waiting", "must not be negative");
    require(o.max_ejected >= 0 && o.max_ejected <= 0.5, "max_ejected", "must be within 0 and 0.5");
    return o;
}

}  // namespace haive::mcp
