#include "config/server_options.hpp"

#include "config/json_places.hpp"
#include "config/parameter_table.hpp"
#include "connection/options_check.hpp"
#include "haive/mcp/config/nearest_word.hpp"
#include "pool/pool_options_check.hpp"

#include <algorithm>
#include <stdexcept>

namespace haive::mcp {

namespace {

namespace json = boost::json;

void read_pool(ServerOptions& options, const json::value& value, const std::string& pointer, const std::string& where,
               ConfigNotes& notes) {
    options.set_at["pool"] = pointer;
    if (value.is_bool()) {
        options.pool = value.get_bool() ? std::optional(options.pool.value_or(PoolOptions())) : std::nullopt;
        return;
    }
    if (!value.is_object()) {
        return notes.fail({pointer, false, where + "pool must be true, false or an object",
                           R"(for example "pool": {"max_size": 4})"});
    }
    if (!options.pool) options.pool.emplace();
    for (const auto& [key, content] : value.get_object()) {
        const std::string at = pointer_to(pointer, key);
        ParameterProblem problem;
        switch (ParameterTable<PoolOptions>::set(*options.pool, key, content, problem)) {
            case ParameterOutcome::set: options.set_at["pool." + std::string(key)] = at; break;
            case ParameterOutcome::wrong:
                return notes.fail({at, false, where + "pool." + std::string(key) + " " + problem.what, problem.mend});
            case ParameterOutcome::unknown:
                note_unknown_key(key, at, where + "pool: ", ParameterTable<PoolOptions>::names(), notes);
        }
    }
}

/// The library's exceptions name it first, which says nothing to the reader of a file.
std::string without_namespace(std::string_view text) {
    constexpr std::string_view head = "haive::mcp: ";
    return std::string(text.starts_with(head) ? text.substr(head.size()) : text);
}

/// Where the option stands that a complaint begins with; a pool's complaint begins with `pool `.
ConfigProblem blamed(const ServerOptions& options, const std::string& text, const std::string& otherwise) {
    const bool of_pool = text.starts_with("pool ");
    const std::size_t begin = of_pool ? 5 : 0;
    const std::string name = (of_pool ? "pool." : "") + text.substr(begin, text.find(' ', begin) - begin);
    // The other one may be the one that was set: `ping_timeout must be shorter than health_check_interval`.
    const std::string last = (of_pool ? "pool." : "") + text.substr(text.rfind(' ') + 1);
    for (const auto& one : {name, last}) {
        if (const auto found = options.set_at.find(one); found != options.set_at.end()) {
            return {found->second, false, text, "change it, or the option that it is compared with"};
        }
    }
    return {otherwise, true, text, {}};
}

}  // namespace

bool set_server_option(ServerOptions& options, std::string_view key, const json::value& value,
                       const std::string& pointer, const std::string& where, ConfigNotes& notes) {
    if (key == "pool") {
        read_pool(options, value, pointer, where, notes);
        return true;
    }
    ParameterProblem problem;
    auto outcome = ParameterOutcome::unknown;
    // Some of the transports' options have a name in common, and mean the same.
    const auto set_in = [&]<class Options>(Options& part) {
        const auto one = ParameterTable<Options>::set(part, key, value, problem);
        if (one != ParameterOutcome::unknown) outcome = one;
    };
    set_in(options.connection);
    set_in(options.upstream);
    set_in(options.stdio);
    set_in(options.http);
    set_in(options.socket);
    if (outcome == ParameterOutcome::set) options.set_at[std::string(key)] = pointer;
    if (outcome == ParameterOutcome::wrong) {
        notes.fail({pointer, false, where + std::string(key) + " " + problem.what, problem.mend});
    }
    return outcome != ParameterOutcome::unknown;
}

std::optional<ConfigProblem> check_server_options(const ServerOptions& options, const std::string& otherwise) {
    try {
        (void)checked(options.connection);
        if (options.pool) (void)checked(*options.pool);
    } catch (const std::invalid_argument& wrong) {
        return blamed(options, without_namespace(wrong.what()), otherwise);
    }
    return std::nullopt;
}

void note_unknown_key(std::string_view key, const std::string& pointer, const std::string& where,
                      const std::vector<std::string>& known, ConfigNotes& notes) {
    constexpr std::size_t most_warnings = 100;
    if (notes.error || notes.warnings.size() >= most_warnings) return;
    const auto meant = nearest_word(key, known);
    const std::string what = where + "unknown key '" + std::string(key) + "'";
    if (meant) {
        notes.fail({pointer, true, what, "did you mean '" + *meant + "'?"});
    } else {
        notes.warnings.push_back({pointer, true, what + " is ignored", {}});
    }
}

}  // namespace haive::mcp
