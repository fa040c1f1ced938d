#pragma once

#include "haive/mcp/base/result.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// One thing that a form asks for (*Elicitation*, `PrimitiveSchemaDefinition`). Untrusted texts.
struct ElicitField {
    enum class Kind : std::uint8_t { text, number, integer, boolean, choice, choices };
    enum class Format : std::uint8_t { none, email, uri, date, date_time };
    struct Option {
        std::string value;
        std::string title;  ///< what to show; the value when the server gave none
    };

    ElicitField() = default;
    std::string name;
    std::string title;  ///< what to show; empty when the server gave none
    std::string description;
    bool required = false;
    Kind kind = Kind::text;
    Format format = Format::none;
    std::optional<std::int64_t> min_length;  ///< in code points
    std::optional<std::int64_t> max_length;
    std::optional<double> minimum;
    std::optional<double> maximum;
    std::vector<Option> options;  ///< of choice and choices
    std::optional<std::int64_t> min_items;
    std::optional<std::int64_t> max_items;
    std::optional<boost::json::value> initial;  ///< `default`
};

/// A form as the server wants it filled in, in its order.
struct ElicitForm {
    ElicitForm() = default;
    std::vector<ElicitField> fields;

    [[nodiscard]] const ElicitField* find(std::string_view name) const noexcept;
};

/// Reads `requestedSchema`: a flat object of strings, numbers, booleans and enumerations; keywords that mean
/// nothing here are passed over. Errors: protocol_violation naming the field, for anything nested and for more
/// than 256 fields or 1024 options.
[[nodiscard]] Result<ElicitForm> parse_elicit_form(std::string_view requested_schema);

/// `content` with the server's defaults for what it does not have (SEP-1034).
[[nodiscard]] boost::json::object fill_defaults(const ElicitForm& form, boost::json::object content);

/// The first thing in `content` that the form does not allow, as a sentence for a person; nullopt when it fits.
[[nodiscard]] std::optional<std::string> form_problem(const ElicitForm& form, const boost::json::object& content);

}  // namespace haive::mcp
