// The keywords that say something of the instance itself (2020-12 validation, 6).
#include "schema/evaluation_scopes.hpp"
#include "schema/json_equality.hpp"
#include "schema/schema_evaluator.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <vector>

namespace haive::mcp::schema {

namespace json = boost::json;

namespace {

bool is_type(const json::value& instance, std::string_view type) {
    if (type == "object") return instance.is_object();
    if (type == "array") return instance.is_array();
    if (type == "string") return instance.is_string();
    if (type == "boolean") return instance.is_bool();
    if (type == "null") return instance.is_null();
    if (type == "number") return instance.is_number();
    return type == "integer" && instance.is_number() && is_whole(instance);
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// A keyword that is a number, or nullptr.
const json::value* number_at(const json::object& schema, std::string_view key) {
    const json::value* value = schema.if_contains(key);
    return value != nullptr && value->is_number() ? value : nullptr;
}

}  // namespace

Fit Evaluator::assertions(const At& at) {
    Fit fit = type_and_value(at);
    if (fit == Fit::no) return fit;
    if (at.instance.is_number()) fit = both(fit, numbers(at));
    if (at.instance.is_string()) fit = both(fit, texts(at));
    if (at.instance.is_array()) fit = both(fit, arrays(at));
    if (at.instance.is_object()) fit = both(fit, objects(at));
    return fit;
}

Fit Evaluator::type_and_value(const At& at) {
    if (const json::value* type = at.schema.if_contains("type")) {
        bool fits = type->is_string() && is_type(at.instance, type->get_string());
        if (type->is_array()) {
            fits = std::ranges::any_of(type->get_array(), [&](const json::value& one) {
                return one.is_string() && is_type(at.instance, one.get_string());
            });
        }
        if (!fits) return broken("type", shown(at.instance) + " is not of the type " + json::serialize(*type));
    }
    if (const json::value* constant = at.schema.if_contains("const")) {
        std::size_t left = limits_.max_steps - std::min(limits_.max_steps, steps_);
        const auto same = equal(at.instance, *constant, left);
        if (!same) return give_up("`const` takes more steps than allowed");
        if (!*same) return broken("const", shown(at.instance) + " is not " + shown(*constant));
    }
    const json::value* options = at.schema.if_contains("enum");
    if (options == nullptr || !options->is_array()) return Fit::yes;
    for (const json::value& option : options->get_array()) {
        if (!spend()) return Fit::unknown;
        std::size_t left = limits_.max_steps - std::min(limits_.max_steps, steps_);
        const std::size_t before = left;
        const auto same = equal(at.instance, option, left);
        steps_ += before - left;
        if (!same) return give_up("`enum` takes more steps than allowed");
        if (*same) return Fit::yes;
    }
    return broken("enum", shown(at.instance) + " is none of the " + std::to_string(options->get_array().size()) +
                              " that are allowed");
}

Fit Evaluator::numbers(const At& at) {
    const json::value& n = at.instance;
    const auto compared = [&](std::string_view key, auto holds, std::string_view words) {
        const json::value* limit = number_at(at.schema, key);
        if (limit == nullptr || holds(compare_numbers(n, *limit))) return true;
        broken(key, shown(n) + ' ' + std::string(words) + ' ' + shown(*limit));
        return false;
    };
    if (!compared(
            "minimum", [](int c) { return c >= 0; }, "is below") ||
        !compared(
            "maximum", [](int c) { return c <= 0; }, "is above") ||
        !compared(
            "exclusiveMinimum", [](int c) { return c > 0; }, "is not above") ||
        !compared("exclusiveMaximum", [](int c) { return c < 0; }, "is not below")) {
        return Fit::no;
    }
    const json::value* divisor = number_at(at.schema, "multipleOf");
    if (divisor != nullptr && divisor->to_number<double>() > 0 && !is_multiple(n, *divisor)) {
        return broken("multipleOf", shown(n) + " is no multiple of " + shown(*divisor));
    }
    return Fit::yes;
}

Fit Evaluator::texts(const At& at) {
    const std::string_view text = at.instance.get_string();
    const json::value* least = number_at(at.schema, "minLength");
    const json::value* most = number_at(at.schema, "maxLength");
    if (least != nullptr || most != nullptr) {
        if (!spend(text.size() / 64)) return Fit::unknown;
        const json::value length(static_cast<std::uint64_t>(code_points(text)));
        if (least != nullptr && compare_numbers(length, *least) < 0)
            return broken("minLength",
                          "it has " + shown(length) + " characters, at least " + shown(*least) + " are needed");
        if (most != nullptr && compare_numbers(length, *most) > 0)
            return broken("maxLength",
                          "it has " + shown(length) + " characters, at most " + shown(*most) + " are allowed");
    }
    const json::value* wanted = at.schema.if_contains("pattern");
    if (wanted == nullptr || !wanted->is_string()) return Fit::yes;
    const std::string_view ecma = wanted->get_string();
    const Pattern* pattern = library_.pattern(ecma);
    if (pattern == nullptr) return Fit::yes;  // the empty one
    if (!spend(1 + text.size() / 64)) return Fit::unknown;
    const auto match = pattern->matches(text);
    if (!match) return unsure("pattern", "the pattern " + std::string(ecma.substr(0, 100)) + " cannot be run here");
    return *match ? Fit::yes
                  : broken("pattern", shown(at.instance) + " does not match " + std::string(ecma.substr(0, 100)));
}

Fit Evaluator::arrays(const At& at) {
    const json::value size(static_cast<std::uint64_t>(at.instance.get_array().size()));
    if (const json::value* least = number_at(at.schema, "minItems"); least && compare_numbers(size, *least) < 0)
        return broken("minItems", "it has " + shown(size) + " items, at least " + shown(*least) + " are needed");
    if (const json::value* most = number_at(at.schema, "maxItems"); most && compare_numbers(size, *most) > 0)
        return broken("maxItems", "it has " + shown(size) + " items, at most " + shown(*most) + " are allowed");
    const json::value* wanted = at.schema.if_contains("uniqueItems");
    return wanted != nullptr && wanted->is_bool() && wanted->get_bool() ? unique(at) : Fit::yes;
}

Fit Evaluator::unique(const At& at) {
    const json::array& items = at.instance.get_array();
    std::size_t left = limits_.max_steps - std::min(limits_.max_steps, steps_);
    const std::size_t before = left;
    std::vector<std::pair<std::size_t, std::size_t>> hashes;
    hashes.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) hashes.emplace_back(hash_of(items[i], left), i);
    std::ranges::sort(hashes);
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        for (std::size_t j = i + 1; j < hashes.size() && hashes[j].first == hashes[i].first; ++j) {
            const auto same = equal(items[hashes[i].second], items[hashes[j].second], left);
            if (!same) return give_up("`uniqueItems` takes more steps than allowed");
            if (*same) {
                return broken("uniqueItems", "items " + std::to_string(hashes[i].second) + " and " +
                                                 std::to_string(hashes[j].second) + " are the same");
            }
        }
    }
    if (left == 0) return give_up("`uniqueItems` takes more steps than allowed");
    steps_ += before - left;
    return Fit::yes;
}

Fit Evaluator::objects(const At& at) {
    const json::value size(static_cast<std::uint64_t>(at.instance.get_object().size()));
    if (const json::value* least = number_at(at.schema, "minProperties"); least && compare_numbers(size, *least) < 0)
        return broken("minProperties", "it has " + shown(size) + " members, at least " + shown(*least) + " are needed");
    if (const json::value* most = number_at(at.schema, "maxProperties"); most && compare_numbers(size, *most) > 0)
        return broken("maxProperties", "it has " + shown(size) + " members, at most " + shown(*most) + " are allowed");
    return required(at);
}

Fit Evaluator::required(const At& at) {
    const json::object& instance = at.instance.get_object();
    const auto missing = [&](const json::value& names, std::string_view keyword, const std::string& because) {
        for (const json::value& name : names.get_array()) {
            if (!spend()) return Fit::unknown;
            if (name.is_string() && !instance.contains(name.get_string())) {
                return broken(keyword, "`" + std::string(name.get_string()).substr(0, 100) + "` is missing" + because);
            }
        }
        return Fit::yes;
    };
    if (const json::value* names = at.schema.if_contains("required"); names != nullptr && names->is_array()) {
        if (const Fit fit = missing(*names, "required", ""); fit != Fit::yes) return fit;
    }
    const std::string_view keyword = at.dialect.draft07 ? "dependencies" : "dependentRequired";
    const json::value* table = at.schema.if_contains(keyword);
    if (table == nullptr || !table->is_object()) return Fit::yes;
    for (const auto& member : table->get_object()) {
        if (!member.value().is_array() || !instance.contains(member.key())) continue;
        const std::string because = " beside `" + std::string(member.key().substr(0, 100)) + "`";
        if (const Fit fit = missing(member.value(), keyword, because); fit != Fit::yes) return fit;
    }
    return Fit::yes;
}

}  // namespace haive::mcp::schema
