#include "config/parameter_table.hpp"

#include "config/parameter.hpp"
#include "config/plain_json.hpp"

#include <array>
#include <cmath>
#include <span>
#include <type_traits>
#include <variant>

namespace haive::mcp {

namespace {

namespace json = boost::json;

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

std::string range_text(const ParameterRange& range, double number) {
    if (range.most >= no_limit && number > range.most) return "at most " + text_of(range.most);
    if (range.most < no_limit && range.least > -1e6) {
        return "within " + text_of(range.least) + " and " + text_of(range.most);
    }
    return range.above_least ? "above " + text_of(range.least) : "at least " + text_of(range.least);
}

bool within(const ParameterRange& range, double number) {
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
    const ParameterRange& range;
    std::string& problem;

    bool operator()(bool Options::* member) const {
        if (!value.is_bool()) return refuse("true or false");
        options.*member = value.get_bool();
        return true;
    }
    bool operator()(int Options::* member) const { return whole(options.*member, "a whole number"); }
    bool operator()(std::size_t Options::* member) const { return whole(options.*member, "a whole number"); }
    bool operator()(double Options::* member) const { return number(options.*member, "a number"); }
    bool operator()(Seconds Options::* member) const {
        double seconds = 0;
        if (!number(seconds, "a number of seconds")) return false;
        options.*member = Seconds(seconds);
        return true;
    }
    bool operator()(std::chrono::milliseconds Options::* member) const {
        double seconds = 0;
        if (!number(seconds, "a number of seconds")) return false;
        options.*member = std::chrono::round<std::chrono::milliseconds>(Seconds(seconds));
        return true;
    }
    bool operator()(std::string Options::* member) const {
        if (!value.is_string()) return refuse("a string");
        options.*member = std::string(value.get_string());
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
    bool operator()(OfClient<EraPreference> one) const {
        std::size_t place = 0;
        if (!word(era_words, place)) return refuse("auto, legacy or modern");
        if constexpr (std::is_same_v<Options, ConnectionOptions>) {
            options.client.*one.member = static_cast<EraPreference>(place);
        }
        return true;
    }
    template <class T>
    bool operator()(OfClient<T> one) const {
        if constexpr (std::is_same_v<Options, ConnectionOptions>) {
            return Assign<ClientOptions>{options.client, value, range, problem}(one.member);
        }
        return false;
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
    template <class Number>
    bool whole(Number& out, const char* wanted) const {
        constexpr double most = std::is_same_v<Number, int> ? 1e6 : 1e15;
        boost::system::error_code error;
        const double read = value.to_number<double>(error);
        if (error || read != std::floor(read) || std::abs(read) > most) return refuse(wanted);
        if (!within(range, read)) return refuse(range_text(range, read));
        out = static_cast<Number>(read);
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
    json::value operator()(std::size_t Options::* member) const { return options.*member; }
    json::value operator()(double Options::* member) const { return plain_number(options.*member); }
    json::value operator()(Seconds Options::* member) const { return plain_number((options.*member).count()); }
    json::value operator()(std::chrono::milliseconds Options::* member) const {
        return plain_number(Seconds(options.*member).count());
    }
    json::value operator()(std::string Options::* member) const { return json::value(options.*member); }
    json::value operator()(std::optional<Seconds> Options::* member) const {
        return options.*member ? plain_number((options.*member)->count()) : json::value();
    }
    json::value operator()(std::optional<int> Options::* member) const {
        return options.*member ? json::value(*(options.*member)) : json::value();
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
    json::value operator()(OfClient<EraPreference> one) const {
        if constexpr (std::is_same_v<Options, ConnectionOptions>) {
            return json::value(era_words[static_cast<std::size_t>(options.client.*one.member)]);
        }
        return {};
    }
    template <class T>
    json::value operator()(OfClient<T> one) const {
        if constexpr (std::is_same_v<Options, ConnectionOptions>)
            return Read<ClientOptions>{options.client}(one.member);
        return {};
    }
};

/// The JSON Schema of a member.
template <class Options>
struct Describe {
    const ParameterRange& range;

    json::object operator()(bool Options::*) const { return {{"type", "boolean"}}; }
    json::object operator()(int Options::*) const { return ranged({{"type", "integer"}}); }
    json::object operator()(std::size_t Options::*) const { return ranged({{"type", "integer"}}); }
    json::object operator()(double Options::*) const { return ranged({{"type", "number"}}); }
    json::object operator()(Seconds Options::*) const { return ranged({{"type", "number"}}); }
    json::object operator()(std::chrono::milliseconds Options::*) const { return ranged({{"type", "number"}}); }
    json::object operator()(std::string Options::*) const { return {{"type", "string"}}; }
    json::object operator()(std::optional<Seconds> Options::*) const {
        return ranged({{"type", json::array{"number", "null"}}});
    }
    json::object operator()(std::optional<int> Options::*) const {
        return ranged({{"type", json::array{"integer", "null"}}});
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
    json::object operator()(OfClient<EraPreference>) const { return {{"enum", words_of(era_words)}}; }
    template <class T>
    json::object operator()(OfClient<T> one) const {
        return Describe<ClientOptions>{range}(one.member);
    }

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
    return "for example \"" + std::string(parameter.name) + "\": " + plain_json(value);
}

}  // namespace

template <class Options>
ParameterOutcome ParameterTable<Options>::set(Options& options, std::string_view key, const json::value& value,
                                              ParameterProblem& problem) {
    for (const auto& parameter : parameters_of<Options>()) {
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
    for (const auto& parameter : parameters_of<Options>()) {
        out[parameter.name] = std::visit(Read<Options>{options}, parameter.member);
    }
    return out;
}

template <class Options>
json::object ParameterTable<Options>::schema() {
    const Options defaults{};
    json::object out;
    for (const auto& parameter : parameters_of<Options>()) {
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
    for (const auto& parameter : parameters_of<Options>()) out.emplace_back(parameter.name);
    return out;
}

template struct ParameterTable<ConnectionOptions>;
template struct ParameterTable<UpstreamOptions>;
template struct ParameterTable<PoolOptions>;
template struct ParameterTable<ManagerOptions>;
template struct ParameterTable<StdioOptions>;
template struct ParameterTable<HttpOptions>;
template struct ParameterTable<SocketOptions>;

}  // namespace haive::mcp
