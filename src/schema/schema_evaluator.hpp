#pragma once

#include "schema/schema_library.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp::schema {

/// Whether an instance fits; `unknown` where that could not be found out.
enum class Fit : std::uint8_t { yes, no, unknown };

/// Which members and items some keyword has spoken for (*unevaluatedProperties*, *unevaluatedItems*).
struct Evaluated {
    std::vector<bool> parts;  ///< by position; empty: none

    void add(std::size_t index, std::size_t of) {
        if (parts.size() < of) parts.resize(of);
        parts[index] = true;
    }
    void add_all(std::size_t of) { parts.assign(of, true); }
    void add(const Evaluated& other);
    [[nodiscard]] bool has(std::size_t index) const noexcept { return index < parts.size() && parts[index]; }
};

/// One check of one instance. Bounded in depth and in steps; beyond them everything is unknown.
class Evaluator {
public:
    Evaluator(const SchemaLibrary& library, const SchemaLimits& limits) : library_(library), limits_(limits) {}

    [[nodiscard]] SchemaVerdict check(const boost::json::value& instance);

private:
    struct At {
        const boost::json::object& schema;
        const boost::json::value& instance;
        const SchemaDialect& dialect;
        Evaluated* evaluated;  ///< nullptr: nobody asks
    };
    /// A token of the two paths while something below it is looked at.
    class Step;
    class Quiet;

    Fit evaluate(const boost::json::value& schema, const boost::json::value& instance, Evaluated* evaluated);
    Fit evaluate_object(const boost::json::value& schema, const boost::json::value& instance, Evaluated* evaluated);
    Fit below(std::string_view keyword, const boost::json::value& schema, const boost::json::value& instance,
              Evaluated* evaluated);
    Fit follow(std::string_view keyword, const Reference& reference, const At& at);

    // schema_applicators.cpp
    Fit applicators(const At& at);
    Fit list_of(const At& at, std::string_view keyword, const boost::json::array& schemas);
    Fit conditional(const At& at);
    Fit dependents(const At& at);
    Fit properties(const At& at);
    Fit items(const At& at);
    Fit contains(const At& at);
    Fit unevaluated(const At& at);

    // schema_assertions.cpp
    Fit assertions(const At& at);
    Fit type_and_value(const At& at);
    Fit numbers(const At& at);
    Fit texts(const At& at);
    Fit arrays(const At& at);
    Fit objects(const At& at);
    Fit unique(const At& at);
    Fit required(const At& at);

    [[nodiscard]] bool spend(std::size_t steps = 1);
    Fit give_up(std::string why);
    /// A keyword that the instance breaks.
    Fit broken(std::string_view keyword, std::string why);
    /// A pattern that cannot be run.
    Fit unsure(std::string_view keyword, std::string why);

    const SchemaLibrary& library_;
    const SchemaLimits& limits_;
    std::size_t steps_ = 0;
    std::size_t depth_ = 0;
    int quiet_ = 0;
    std::vector<const Resource*> scope_;
    std::vector<std::pair<const void*, const void*>> following_;
    std::vector<std::string> instance_path_;
    std::vector<std::string> schema_path_;
    SchemaVerdict verdict_;
    bool told_ = false;
    bool gave_up_ = false;
    std::string unsure_;
};

/// All must fit: a `no` decides, else an `unknown`.
[[nodiscard]] inline Fit both(Fit a, Fit b) noexcept {
    if (a == Fit::no || b == Fit::no) return Fit::no;
    return a == Fit::unknown || b == Fit::unknown ? Fit::unknown : Fit::yes;
}

/// The string's text, or the number's, for messages.
[[nodiscard]] std::string shown(const boost::json::value& value);

}  // namespace haive::mcp::schema
