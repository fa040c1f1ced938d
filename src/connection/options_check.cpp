#include "connection/options_check.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace haive::mcp {

namespace {

[[noreturn]] void refuse(const char* field, const char* rule) {
    throw std::invalid_argument(std::string("haive::mcp: ") + field + ' ' + rule);
}

void check_finite(Seconds time, const char* field) {
    check_time(time, field);
    if (!std::isfinite(time.count())) refuse(field, "must be finite");
}

}  // namespace

void check_time(Seconds time, const char* field) {
    if (!(time.count() >= 0)) refuse(field, "must not be negative or NaN");
}

ConnectionOptions checked(ConnectionOptions o) {
    check_finite(o.reconnect_delay, "reconnect_delay");
    check_finite(o.max_reconnect_delay, "max_reconnect_delay");
    check_finite(o.health_check_interval, "health_check_interval");
    check_finite(o.connection_timeout, "connection_timeout");
    check_finite(o.ping_timeout, "ping_timeout");
    check_finite(o.retry_after_cap, "retry_after_cap");
    check_finite(o.request_timeout, "request_timeout");
    if (o.stable_uptime) check_finite(*o.stable_uptime, "stable_uptime");
    if (o.revive_after) check_finite(*o.revive_after, "revive_after");
    if (o.reconnect_delay > o.max_reconnect_delay) {
        refuse("reconnect_delay", "must not be longer than max_reconnect_delay");
    }
    if (o.health_check_interval <= Seconds(0)) refuse("health_check_interval", "must be above zero");
    if (o.connection_timeout <= Seconds(0)) refuse("connection_timeout", "must be above zero");
    if (o.request_timeout <= Seconds(0)) refuse("request_timeout", "must be above zero");
    if (o.ping_timeout >= o.health_check_interval) {
        refuse("ping_timeout", "must be shorter than health_check_interval");
    }
    if (o.jitter && !(*o.jitter >= 0 && *o.jitter <= 1)) refuse("jitter", "must be within 0 and 1");
    if (!(o.backoff_multiplier >= 1 && std::isfinite(o.backoff_multiplier))) {
        refuse("backoff_multiplier", "must be at least 1");
    }
    if (o.dead_after < 1) refuse("dead_after", "must be at least 1");
    return o;
}

}  // namespace haive::mcp
