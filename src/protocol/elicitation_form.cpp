#include "haive/mcp/protocol/elicitation_form.hpp"

#include "haive/mcp/jsonrpc/raw_json.hpp"
#include "protocol/text_formats.hpp"

#include <algorithm>
#include <cmath>

namespace haive::mcp {

namespace json = boost::json;
using Kind = ElicitField::Kind;
using Format = ElicitField::Format;

namespace {

constexpr std::size_t most_fields = 256;
constexpr std::size_t most_options = 1024;

Error bad(const std::string& field, const std::string& why) {
    const std::string where = field.empty() ? "`requestedSchema`" : "the form's field `" + field.substr(0, 64) + "`";
    return Error(ErrorKind::protocol_violation, where + ' ' + why, Disposition::executed);
}

std::string text_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::optional<double> number_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

std::optional<std::int64_t> count_at(const json::object& object, std::string_view key) {
    const auto number = number_at(object, key);
    if (!number || *number < 0 || *number > 1e15) return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

/// `enum` (with the old `enumNames`), or `oneOf`/`anyOf` of `{const, title}`. False when one is malformed.
bool read_options(const json::object& schema, std::vector<ElicitField::Option>& out) {
    if (const json::value* values = schema.if_contains("enum")) {
        if (!values->is_array()) return false;
        const json::value* names = schema.if_contains("enumNames");
        const json::array* titles = names != nullptr ? names->if_array() : nullptr;
        for (std::size_t i = 0; i < values->as_array().size(); ++i) {
            const json::value& value = values->as_array()[i];
            if (!value.is_string()) return false;
            const bool titled = titles != nullptr && i < titles->size() && (*titles)[i].is_string();
            out.push_back(
                {std::string(value.as_string()), std::string(titled ? (*titles)[i].as_string() : value.as_string())});
        }
        return true;
    }
    for (const std::string_view key : {"oneOf", "anyOf"}) {
        const json::value* list = schema.if_contains(key);
        if (list == nullptr) continue;
        if (!list->is_array()) return false;
        for (const json::value& item : list->as_array()) {
            const json::object* option = item.if_object();
            const json::value* value = option != nullptr ? option->if_contains("const") : nullptr;
            if (value == nullptr || !value->is_string()) return false;
            const std::string title = text_at(*option, "title");
            out.push_back({std::string(value->as_string()), title.empty() ? std::string(value->as_string()) : title});
        }
    }
    return true;
}

Format format_of(std::string_view name) {
    if (name == "email") return Format::email;
    if (name == "uri") return Format::uri;
    if (name == "date") return Format::date;
    return name == "date-time" ? Format::date_time : Format::none;
}

std::optional<Error> read_kind(const json::object& schema, ElicitField& field) {
    const std::string type = text_at(schema, "type");
    if (!read_options(schema, field.options)) return bad(field.name, "has options that are no strings");
    if (type == "string" || (type.empty() && !field.options.empty())) {
        field.kind = field.options.empty() ? Kind::text : Kind::choice;
    } else if (type == "number" || type == "integer") {
        field.kind = type == "number" ? Kind::number : Kind::integer;
        field.options.clear();
    } else if (type == "boolean") {
        field.kind = Kind::boolean;
        field.options.clear();
    } else if (type == "array") {
        field.kind = Kind::choices;
        const json::value* items = schema.if_contains("items");
        const bool readable = items != nullptr && items->is_object() && read_options(items->as_object(), field.options);
        if (!readable || field.options.empty()) return bad(field.name, "is a list of something else than options");
    } else {
        return bad(field.name, "is no text, number, yes or no, or choice: forms are flat");
    }
    if (field.options.size() > most_options) return bad(field.name, "has too many options");
    return std::nullopt;
}

Result<ElicitField> read_field(std::string_view name, const json::value& value) {
    ElicitField field;
    field.name = name;
    const json::object* schema = value.if_object();
    if (schema == nullptr) return bad(field.name, "is not described by an object");
    field.title = text_at(*schema, "title");
    field.description = text_at(*schema, "description");
    if (auto error = read_kind(*schema, field)) return *error;
    field.format = format_of(text_at(*schema, "format"));
    field.min_length = count_at(*schema, "minLength");
    field.max_length = count_at(*schema, "maxLength");
    field.minimum = number_at(*schema, "minimum");
    field.maximum = number_at(*schema, "maximum");
    field.min_items = count_at(*schema, "minItems");
    field.max_items = count_at(*schema, "maxItems");
    if (const json::value* initial = schema->if_contains("default")) field.initial = *initial;
    return field;
}

bool is_option(const ElicitField& field, std::string_view value) {
    return std::ranges::any_of(field.options, [value](const auto& option) { return option.value == value; });
}

std::string number_text(double n) {
    std::string text = std::to_string(n);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

std::optional<std::string> text_problem(const ElicitField& field, std::string_view text) {
    const auto length = static_cast<std::int64_t>(code_points(text));
    if (field.min_length && length < *field.min_length)
        return "must have at least " + std::to_string(*field.min_length) + " characters";
    if (field.max_length && length > *field.max_length)
        return "must have at most " + std::to_string(*field.max_length) + " characters";
    if (field.format == Format::email && !is_email(text)) return "must be an e-mail address";
    if (field.format == Format::uri && !is_uri(text)) return "must be a URI";
    if (field.format == Format::date && !is_date(text)) return "must be a date (YYYY-MM-DD)";
    if (field.format == Format::date_time && !is_date_time(text)) return "must be a date and time (RFC 3339)";
    return std::nullopt;
}

std::optional<std::string> number_problem(const ElicitField& field, const json::value& value) {
    if (!value.is_number()) return "must be a number";
    const double number = value.to_number<double>();
    if (field.kind == Kind::integer && std::trunc(number) != number) return "must be a whole number";
    if (field.minimum && number < *field.minimum) return "must be at least " + number_text(*field.minimum);
    if (field.maximum && number > *field.maximum) return "must be at most " + number_text(*field.maximum);
    return std::nullopt;
}

std::optional<std::string> choices_problem(const ElicitField& field, const json::value& value) {
    if (!value.is_array()) return "must be a list";
    const json::array& chosen = value.as_array();
    for (const json::value& one : chosen) {
        if (!one.is_string() || !is_option(field, one.as_string())) return "has an entry that is none of its options";
    }
    const auto count = static_cast<std::int64_t>(chosen.size());
    if (field.min_items && count < *field.min_items) return "needs at least " + std::to_string(*field.min_items);
    if (field.max_items && count > *field.max_items) return "takes at most " + std::to_string(*field.max_items);
    return std::nullopt;
}

std::optional<std::string> value_problem(const ElicitField& field, const json::value& value) {
    switch (field.kind) {
        case Kind::boolean: return value.is_bool() ? std::nullopt : std::optional<std::string>("must be true or false");
        case Kind::number:
        case Kind::integer: return number_problem(field, value);
        case Kind::choices: return choices_problem(field, value);
        case Kind::choice:
            if (!value.is_string() || !is_option(field, value.as_string())) return "must be one of its options";
            return std::nullopt;
        case Kind::text: break;
    }
    if (!value.is_string()) return "must be a text";
    return text_problem(field, value.as_string());
}

}  // namespace

const ElicitField* ElicitForm::find(std::string_view name) const noexcept {
    const auto it = std::ranges::find(fields, name, &ElicitField::name);
    return it == fields.end() ? nullptr : &*it;
}

Result<ElicitForm> parse_elicit_form(std::string_view requested_schema) {
    const auto value = parse_json(requested_schema);
    const json::object* schema = value ? value->if_object() : nullptr;
    if (schema == nullptr) return bad("", "is not an object");
    if (const std::string type = text_at(*schema, "type"); !type.empty() && type != "object") {
        return bad("", "does not describe an object");
    }
    ElicitForm form;
    const json::value* properties = schema->if_contains("properties");
    if (properties != nullptr && !properties->is_object()) return bad("", "has `properties` that are no object");
    if (properties != nullptr && properties->as_object().size() > most_fields) return bad("", "has too many fields");
    if (properties != nullptr) {
        for (const auto& member : properties->as_object()) {
            auto field = read_field(member.key(), member.value());
            if (field.has_error()) return field.error();
            form.fields.push_back(std::move(*field));
        }
    }
    const json::value* required = schema->if_contains("required");
    if (required != nullptr && required->is_array()) {
        for (const json::value& name : required->as_array()) {
            const auto field = std::ranges::find_if(
                form.fields, [&](const ElicitField& f) { return name.is_string() && f.name == name.as_string(); });
            if (field != form.fields.end()) field->required = true;
        }
    }
    return form;
}

json::object fill_defaults(const ElicitForm& form, json::object content) {
    for (const ElicitField& field : form.fields) {
        if (field.initial && !content.contains(field.name)) content.emplace(field.name, *field.initial);
    }
    return content;
}

std::optional<std::string> form_problem(const ElicitForm& form, const json::object& content) {
    for (const ElicitField& field : form.fields) {
        const json::value* value = content.if_contains(field.name);
        if (value == nullptr) {
            if (field.required) return "`" + field.name + "` is missing";
            continue;
        }
        if (const auto problem = value_problem(field, *value)) return "`" + field.name + "` " + *problem;
    }
    for (const auto& member : content) {
        if (form.find(member.key()) == nullptr) return "`" + std::string(member.key()) + "` was not asked for";
    }
    return std::nullopt;
}

}  // namespace haive::mcp
