#include "config/parameter_table.hpp"

#include "config/plain_json.hpp"

#include <array>
#include <cmath>
#include <span>
#include <type_traits>
#include <variant>

namespace haive::mcp {

namespace {

namespace json = boost::json;

struct EraOfClient {};  // ConnectionOptions::client.era, which is not a member of its own

template <class Options>
using Member =
    std::variant<bool Options::*, int Options::*, double Options::*, Seconds Options::*,
                 std::optional<Seconds> Options::*, std::optional<int> Options::*, std::optional<double> Options::*,
                 std::optional<std::string> Options::*, NameFilter Options::*, StartPolicy Options::*,
                 std::optional<PoolMode> Options::*, EraOfClient>;

constexpr double no_limit = 1e9;

/// The numbers an option may be.
struct Range {
    double least = 0;
    double most = no_limit;
    bool above_least = false;  ///< `least` itself is too little
};

template <class Options>
struct Parameter {
    std::string_view name;
    Member<Options> member;
    std::string_view about;
    Range range = {};
};

constexpr Range above_zero{0, no_limit, true};

template <class Options>
std::span<const Parameter<Options>> table();

template <>
std::span<const Parameter<ConnectionOptions>> table() {
    using O = ConnectionOptions;
    static const std::array parameters{
        Parameter<O>{"auto_reconnect", &O::auto_reconnect, "Re-establish a lost connection unasked."},
        Parameter<O>{"max_reconnect_attempts",
                     &O::max_reconnect_attempts,
                     "Automatic attempts per outage; 0 means none, a negative number no limit.",
                     {-1e6, 1e6}},
        Parameter<O>{"reconnect_delay", &O::reconnect_delay, "First delay before an attempt, in seconds."},
        Parameter<O>{"max_reconnect_delay", &O::max_reconnect_delay, "No delay is longer, in seconds."},
        Parameter<O>{"health_check_interval", &O::health_check_interval, "Between health checks, in seconds.",
                     above_zero},
        Parameter<O>{"connection_timeout", &O::connection_timeout, "Limit of connecting, in seconds.", above_zero},
        Parameter<O>{"jitter",
                     &O::jitter,
                     "How much of a delay chance may take away. null: 0.5, and 0.75 where a fleet is kept.",
                     {0, 1}},
        Parameter<O>{"backoff_multiplier", &O::backoff_multiplier, "Growth of the delay per attempt.", {1, no_limit}},
        Parameter<O>{"stable_uptime", &O::stable_uptime,
                     "Uptime in seconds after which an outage is over. null: chosen from the health check interval."},
        Parameter<O>{"revive_after", &O::revive_after,
                     "Start over so many seconds after the last attempt failed. 0: never. null: never, and 300 where a "
                     "fleet is kept."},
        Parameter<O>{"retry_after_cap", &O::retry_after_cap, "Longest pause a server may ask for, in seconds."},
        Parameter<O>{"ping_timeout", &O::ping_timeout,
                     "Limit of a health check in seconds. 0: at most 10, at most half the interval."},
        Parameter<O>{"dead_after", &O::dead_after, "Health checks missed in a row that mean death.", {1, 1e6}},
        Parameter<O>{"request_timeout", &O::request_timeout, "Longest silence of a call, in seconds.", above_zero},
        Parameter<O>{"trust_annotations", &O::trust_annotations,
                     "Believe the server's hints on which tools may be run twice."},
        Parameter<O>{"wait_for_ready", &O::wait_for_ready, "Calls wait (at most 5 s) while it is being healed."},
        Parameter<O>{"era", EraOfClient{}, "Protocol era: found out, or one of the two."},
    };
    return parameters;
}

template <>
std::span<const Parameter<UpstreamOptions>> table() {
    using O = UpstreamOptions;
    static const std::array parameters{
        Parameter<O>{"required", &O::required, "The whole is ready only when this server is healthy."},
        Parameter<O>{"start", &O::start,
                     "When it is opened: with the program, at its first use, or at each use (closed when idle)."},
        Parameter<O>{"idle_stop", &O::idle_stop, "\"start\": \"on_use\" only: closed after so many idle seconds.",
                     above_zero},
        Parameter<O>{"tools", &O::tools, "Which tools are offered: patterns with * and ?."},
        Parameter<O>{"prompts", &O::prompts, "Which prompts are offered: patterns with * and ?."},
        Parameter<O>{"resources", &O::resources, "Which resources are offered: patterns with * and ?."},
        Parameter<O>{"prefix", &O::prefix,
                     "Put before its names in the merged catalogue. null: the server's name, where names collide."},
        Parameter<O>{"max_in_flight", &O::max_in_flight, "Calls under way at once.", {1, 10'000}},
        Parameter<O>{"max_queued", &O::max_queued, "Calls that wait for their turn.", {0, 1e6}},
        Parameter<O>{"circuit_breaker", &O::circuit_breaker, "Refuse calls for a while after repeated failures."},
        Parameter<O>{"hedging", &O::hedging, "Ask a second time for protocol reads that take unusually long."},
    };
    return parameters;
}

template <>
std::span<const Parameter<PoolOptions>> table() {
    using O = PoolOptions;
    static const std::array parameters{
        Parameter<O>{"mode", &O::mode, "Who may use a member at the same time. null: chosen by the protocol's era."},
        Parameter<O>{"min_size", &O::min_size, "Members kept open although unused.", {0, 10'000}},
        Parameter<O>{"max_size", &O::max_size, "Members at most. null: 1 over stdio, else 8.", {1, 10'000}},
        Parameter<O>{"min_idle", &O::min_idle, "Warm spares, opened ahead.", {0, 10'000}},
        Parameter<O>{"max_in_flight",
                     &O::max_in_flight,
                     "Calls at once on one member. null: 32 over byte streams, 100 over HTTP.",
                     {1, 10'000}},
        Parameter<O>{"max_waiting", &O::max_waiting, "Waiters at most.", {0, 1e6}},
        Parameter<O>{"acquire_timeout", &O::acquire_timeout,
                     "How long an acquire waits, in seconds. null: as long as connecting may take.", above_zero},
        Parameter<O>{"idle_timeout", &O::idle_timeout, "An unused member is closed after so many seconds. 0: never."},
        Parameter<O>{"max_lifetime", &O::max_lifetime,
                     "A member is replaced at this age in seconds. 0: never. null: never over stdio, else 1800."},
        Parameter<O>{"drain_timeout", &O::drain_timeout, "How long a retiring member's calls may go on, in seconds."},
        Parameter<O>{"check_after_idle", &O::check_after_idle,
                     "A lease on a member unused for so many seconds is probed first. 0: never."},
        Parameter<O>{"check_timeout", &O::check_timeout, "Limit of that probe, in seconds.", above_zero},
        Parameter<O>{"leak_threshold", &O::leak_threshold,
                     "An exclusive lease held for so many seconds is reported. 0: never; else at least 2."},
        Parameter<O>{"max_ejected", &O::max_ejected, "Share of the members set aside for bad health.", {0, 0.5}},
    };
    return parameters;
}

// The words of an option that is one of a few; `null` where it may be left to the library.
constexpr std::array<std::string_view, 3> start_words{"eager", "lazy", "on_use"};
constexpr std::array<std::string_view, 3> mode_words{"shared", "session", "exclusive"};
constexpr std::array<std::string_view, 3> era_words{"auto", "legacy", "modern"};

/// 30 rather than 30.0.
json::value plain_number(double number) {
    if (number == std::floor(number) && std::abs(number) < 1e15) return static_cast<std::int64_t>(number);
    return number;
}

std::string text_of(double number) { return plain_json(plain_number(number)); }

std::string range_text(const Range& range, double number) {
    if (number > no_limit) return "at most " + text_of(no_limit);
    if (range.most < no_limit && range.least > -1e6) {
        return "within " + text_of(range.least) + " and " + text_of(range.most);
    }
    return range.above_least ? "above " + text_of(range.least) : "at least " + text_of(range.least);
}

bool within(const Range& range, double number) {
    return number <= range.most && (range.above_least ? number > range.least : number >= range.least);
}

json::array words_of(std::span<const std::string_view> words) {
    json::array out;
    for (const auto word : words) out.emplace_back(word);
    return out;
}

/// Reads one value into one member.
template <class Options>
struct Assign {
    Options& options;
    const json::value& value;
    const Range& range;
    std::string& problem;

    bool operator()(bool Options::* member) const {
        if (!value.is_bool()) return refuse("true or false");
        options.*member = value.get_bool();
        return true;
    }
    bool operator()(int Options::* member) const { return whole(options.*member, "a whole number"); }
    bool operator()(double Options::* member) const { return number(options.*member, "a number"); }
    bool operator()(Seconds Options::* member) const {
        double seconds = 0;
        if (!number(seconds, "a number of seconds")) return false;
        options.*member = Seconds(seconds);
        return true;
    }
    bool operator()(std::optional<Seconds> Options::* member) const {
        double seconds = 0;
        if (!value.is_null() && !number(seconds, "a number of seconds, or null")) return false;
        options.*member = value.is_null() ? std::nullopt : std::optional(Seconds(seconds));
        return true;
    }
    bool operator()(std::optional<int> Options::* member) const {
        int number = 0;
        if (!value.is_null() && !whole(number, "a whole number, or null")) return false;
        options.*member = value.is_null() ? std::nullopt : std::optional(number);
        return true;
    }
    bool operator()(std::optional<double> Options::* member) const {
        double read = 0;
        if (!value.is_null() && !number(read, "a number, or null")) return false;
        options.*member = value.is_null() ? std::nullopt : std::optional(read);
        return true;
    }
    bool operator()(std::optional<std::string> Options::* member) const {
        if (!value.is_null() && !value.is_string()) return refuse("a string, or null");
        options.*member = value.is_null() ? std::nullopt : std::optional(std::string(value.get_string()));
        return true;
    }
    bool operator()(NameFilter Options::* member) const {
        NameFilter filter;
        if (value.is_array()) {
            if (!patterns(value, filter.allow)) return refuse(filter_form);
        } else if (value.is_object()) {
            for (const auto& [key, list] : value.get_object()) {
                if (key != "allow" && key != "deny") return refuse(filter_form);
                if (!patterns(list, key == "allow" ? filter.allow : filter.deny)) return refuse(filter_form);
            }
        } else {
            return refuse(filter_form);
        }
        options.*member = std::move(filter);
        return true;
    }
    bool operator()(StartPolicy Options::* member) const {
        std::size_t place = 0;
        if (!word(start_words, place)) return refuse("eager, lazy or on_use");
        options.*member = static_cast<StartPolicy>(place);
        return true;
    }
    bool operator()(std::optional<PoolMode> Options::* member) const {
        std::size_t place = 0;
        if (!value.is_null() && !word(mode_words, place)) return refuse("shared, session or exclusive, or null");
        options.*member = value.is_null() ? std::nullopt : std::optional(static_cast<PoolMode>(place));
        return true;
    }
    bool operator()(EraOfClient) const {
        std::size_t place = 0;
        if (!word(era_words, place)) return refuse("auto, legacy or modern");
        if constexpr (std::is_same_v<Options, ConnectionOptions>) {
            options.client.era = static_cast<EraPreference>(place);
        }
        return true;
    }

private:
    static constexpr const char* filter_form = R"(an array of names, or {"allow": [...], "deny": [...]})";

    bool number(double& out, const char* wanted) const {
        boost::system::error_code error;
        const double read = value.to_number<double>(error);
        if (error || !std::isfinite(read)) return refuse(wanted);
        if (!within(range, read)) return refuse(range_text(range, read));
        out = read;
        return true;
    }
    bool whole(int& out, const char* wanted) const {
        boost::system::error_code error;
        const double read = value.to_number<double>(error);
        if (error || read != std::floor(read) || std::abs(read) > 1e6) return refuse(wanted);
        if (!within(range, read)) return refuse(range_text(range, read));
        out = static_cast<int>(read);
        return true;
    }
    bool word(std::span<const std::string_view> words, std::size_t& place) const {
        if (!value.is_string()) return false;
        for (place = 0; place < words.size(); ++place) {
            if (words[place] == std::string_view(value.get_string())) return true;
        }
        return false;
    }
    static bool patterns(const json::value& list, std::vector<std::string>& out) {
        if (!list.is_array()) return false;
        for (const auto& element : list.get_array()) {
            if (!element.is_string()) return false;
            out.emplace_back(element.get_string());
        }
        return true;
    }
    bool refuse(const std::string& wanted) const {
        problem = "must be " + wanted;
        return false;
    }
};

/// A member as a configuration would write it.
template <class Options>
struct Read {
    const Options& options;

    json::value operator()(bool Options::* member) const { return options.*member; }
    json::value operator()(int Options::* member) const { return options.*member; }
    json::value operator()(double Options::* member) const { return plain_number(options.*member); }
    json::value operator()(Seconds Options::* member) const { return plain_number((options.*member).count()); }
    json::value operator()(std::optional<Seconds> Options::* member) const {
        return options.*member ? plain_number((options.*member)->count()) : json::value();
    }
    json::value operator()(std::optional<int> Options::* member) const {
        return options.*member ? json::value(*(options.*member)) : json::value();
    }
    json::value operator()(std::optional<double> Options::* member) const {
        return options.*member ? plain_number(*(options.*member)) : json::value();
    }
    json::value operator()(std::optional<std::string> Options::* member) const {
        return options.*member ? json::value(*(options.*member)) : json::value();
    }
    json::value operator()(NameFilter Options::* member) const {
        const NameFilter& filter = options.*member;
        return json::object{{"allow", json::array(filter.allow.begin(), filter.allow.end())},
                            {"deny", json::array(filter.deny.begin(), filter.deny.end())}};
    }
    json::value operator()(StartPolicy Options::* member) const { return json::value(to_string(options.*member)); }
    json::value operator()(std::optional<PoolMode> Options::* member) const {
        return options.*member ? json::value(to_string(*(options.*member))) : json::value();
    }
    json::value operator()(EraOfClient) const {
        if constexpr (std::is_same_v<Options, ConnectionOptions>) {
            return json::value(era_words[static_cast<std::size_t>(options.client.era)]);
        }
        return {};
    }
};

/// The JSON Schema of a member.
template <class Options>
struct Describe {
    const Range& range;

    json::object operator()(bool Options::*) const { return {{"type", "boolean"}}; }
    json::object operator()(int Options::*) const { return ranged({{"type", "integer"}}); }
    json::object operator()(double Options::*) const { return ranged({{"type", "number"}}); }
    json::object operator()(Seconds Options::*) const { return ranged({{"type", "number"}}); }
    json::object operator()(std::optional<Seconds> Options::*) const {
        return ranged({{"type", json::array{"number", "null"}}});
    }
    json::object operator()(std::optional<int> Options::*) const {
        return ranged({{"type", json::array{"integer", "null"}}});
    }
    json::object operator()(std::optional<double> Options::*) const {
        return ranged({{"type", json::array{"number", "null"}}});
    }
    json::object operator()(std::optional<std::string> Options::*) const {
        return {{"type", json::array{"string", "null"}}};
    }
    json::object operator()(NameFilter Options::*) const { return {{"$ref", "#/$defs/name_filter"}}; }
    json::object operator()(StartPolicy Options::*) const { return {{"enum", words_of(start_words)}}; }
    json::object operator()(std::optional<PoolMode> Options::*) const {
        json::array words = words_of(mode_words);
        words.emplace_back(nullptr);
        return {{"enum", std::move(words)}};
    }
    json::object operator()(EraOfClient) const { return {{"enum", words_of(era_words)}}; }

private:
    [[nodiscard]] json::object ranged(json::object schema) const {
        if (range.least > -1e6) schema[range.above_least ? "exclusiveMinimum" : "minimum"] = plain_number(range.least);
        if (range.most < 1e6) schema["maximum"] = plain_number(range.most);
        return schema;
    }
};

/// An option of its own, as it may be written.
template <class Options>
std::string example(const Parameter<Options>& parameter) {
    json::value value = std::visit(Read<Options>{Options()}, parameter.member);
    if (value.is_object()) value = json::object{{"deny", json::array{"delete_*"}}};
    if (value.is_null() && std::holds_alternative<std::optional<double> Options::*>(parameter.member)) {
        value = plain_number((parameter.range.least + parameter.range.most) / 2);
    }
    return "for example \"" + std::string(parameter.name) + "\": " + plain_json(value);
}

}  // namespace

template <class Options>
ParameterOutcome ParameterTable<Options>::set(Options& options, std::string_view key, const json::value& value,
                                              ParameterProblem& problem) {
    for (const auto& parameter : table<Options>()) {
        if (parameter.name != key) continue;
        if (std::visit(Assign<Options>{options, value, parameter.range, problem.what}, parameter.member)) {
            return ParameterOutcome::set;
        }
        problem.mend = example(parameter);
        return ParameterOutcome::wrong;
    }
    return ParameterOutcome::unknown;
}

template <class Options>
json::object ParameterTable<Options>::values(const Options& options) {
    json::object out;
    for (const auto& parameter : table<Options>()) {
        out[parameter.name] = std::visit(Read<Options>{options}, parameter.member);
    }
    return out;
}

template <class Options>
json::object ParameterTable<Options>::schema() {
    const Options defaults{};
    json::object out;
    for (const auto& parameter : table<Options>()) {
        json::object schema = std::visit(Describe<Options>{parameter.range}, parameter.member);
        schema["description"] = parameter.about;
        json::value value = std::visit(Read<Options>{defaults}, parameter.member);
        if (!value.is_object()) schema["default"] = std::move(value);
        out[parameter.name] = std::move(schema);
    }
    return out;
}

template <class Options>
std::vector<std::string> ParameterTable<Options>::names() {
    std::vector<std::string> out;
    for (const auto& parameter : table<Options>()) out.emplace_back(parameter.name);
    return out;
}

template struct ParameterTable<ConnectionOptions>;
template struct ParameterTable<UpstreamOptions>;
template struct ParameterTable<PoolOptions>;

}  // namespace haive::mcp
