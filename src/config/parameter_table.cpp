#include "config/parameter_table.hpp"

#include <array>
#include <cmath>
#include <variant>

namespace haive::mcp {

namespace {

using Options = ConnectionOptions;
using Member = std::variant<bool Options::*, int Options::*, double Options::*, Seconds Options::*,
                            std::optional<Seconds> Options::*>;

struct Parameter {
    std::string_view name;
    Member member;
};

const std::array parameters{
    Parameter{"auto_reconnect", &Options::auto_reconnect},
    Parameter{"max_reconnect_attempts", &Options::max_reconnect_attempts},
    Parameter{"reconnect_delay", &Options::reconnect_delay},
    Parameter{"max_reconnect_delay", &Options::max_reconnect_delay},
    Parameter{"health_check_interval", &Options::health_check_interval},
    Parameter{"connection_timeout", &Options::connection_timeout},
    Parameter{"jitter", &Options::jitter},
    Parameter{"backoff_multiplier", &Options::backoff_multiplier},
    Parameter{"stable_uptime", &Options::stable_uptime},
    Parameter{"revive_after", &Options::revive_after},
    Parameter{"retry_after_cap", &Options::retry_after_cap},
    Parameter{"ping_timeout", &Options::ping_timeout},
    Parameter{"dead_after", &Options::dead_after},
    Parameter{"request_timeout", &Options::request_timeout},
    Parameter{"trust_annotations", &Options::trust_annotations},
    Parameter{"wait_for_ready", &Options::wait_for_ready},
};

struct Assign {
    Options& options;
    const boost::json::value& value;
    std::string& problem;

    bool operator()(bool Options::* member) const {
        if (!value.is_bool()) return refuse("true or false");
        options.*member = value.get_bool();
        return true;
    }
    bool operator()(int Options::* member) const {
        double number = 0;
        if (!read(number) || number != std::floor(number) || std::abs(number) > 1e6) return refuse("a whole number");
        options.*member = static_cast<int>(number);
        return true;
    }
    bool operator()(double Options::* member) const { return read(options.*member) || refuse("a number"); }
    bool operator()(Seconds Options::* member) const {
        double number = 0;
        if (!read(number)) return refuse("a number of seconds");
        options.*member = Seconds(number);
        return true;
    }
    bool operator()(std::optional<Seconds> Options::* member) const {
        double number = 0;
        if (!value.is_null() && !read(number)) return refuse("a number of seconds, or null");
        options.*member = value.is_null() ? std::nullopt : std::optional(Seconds(number));
        return true;
    }

private:
    bool read(double& out) const {
        boost::system::error_code error;
        out = value.to_number<double>(error);
        return !error && std::isfinite(out);
    }
    bool refuse(const char* wanted) const {
        problem = std::string("must be ") + wanted;
        return false;
    }
};

}  // namespace

ParameterOutcome set_parameter(ConnectionOptions& options, std::string_view key, const boost::json::value& value,
                               std::string& problem) {
    for (const Parameter& parameter : parameters) {
        if (parameter.name != key) continue;
        return std::visit(Assign{options, value, problem}, parameter.member) ? ParameterOutcome::set
                                                                             : ParameterOutcome::wrong;
    }
    return ParameterOutcome::unknown;
}

}  // namespace haive::mcp
