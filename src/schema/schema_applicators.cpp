// The keywords that apply schemas to the instance or to its parts (2020-12 core, 10 and 11).
#include "schema/evaluation_scopes.hpp"
#include "schema/schema_evaluator.hpp"

#include <algorithm>

namespace haive::mcp::schema {

namespace json = boost::json;

namespace {

const json::object* object_at(const json::object& schema, std::string_view key) {
    const json::value* value = schema.if_contains(key);
    return value != nullptr ? value->if_object() : nullptr;
}

std::size_t count_at(const json::object& schema, std::string_view key, std::size_t otherwise) {
    const json::value* value = schema.if_contains(key);
    if (value == nullptr || !value->is_number()) return otherwise;
    const double count = value->to_number<double>();
    return count < 0 ? 0 : static_cast<std::size_t>(std::min(count, 1e15));
}

}  // namespace

Fit Evaluator::applicators(const At& at) {
    Fit fit = Fit::yes;
    const auto then = [&fit](auto&& next) {
        if (fit != Fit::no) fit = both(fit, next());
    };
    for (const std::string_view keyword : {"allOf", "anyOf", "oneOf"}) {
        const json::value* list = at.schema.if_contains(keyword);
        if (list != nullptr && list->is_array()) then([&] { return list_of(at, keyword, list->get_array()); });
    }
    if (const json::value* no = at.schema.if_contains("not")) {
        then([&] {
            const Quiet quiet(*this);
            const Fit inner = below("not", *no, at.instance, nullptr);
            return inner == Fit::unknown ? Fit::unknown : inner == Fit::no ? Fit::yes : Fit::no;
        });
        if (fit == Fit::no) return broken("not", "it is what it must not be");
    }
    then([&] { return conditional(at); });
    if (at.instance.is_object()) {
        then([&] { return dependents(at); });
        then([&] { return properties(at); });
    }
    if (at.instance.is_array()) {
        then([&] { return items(at); });
        then([&] { return contains(at); });
    }
    then([&] { return unevaluated(at); });
    return fit;
}

Fit Evaluator::list_of(const At& at, std::string_view keyword, const json::array& schemas) {
    if (keyword == "allOf") {
        Fit fit = Fit::yes;
        for (std::size_t i = 0; i < schemas.size() && fit != Fit::no; ++i) {
            const Step step(*this, keyword);
            fit = both(fit, below(std::to_string(i), schemas[i], at.instance, at.evaluated));
        }
        return fit;
    }
    std::size_t fitting = 0;
    bool unknown = false;
    {
        const Quiet quiet(*this);
        for (std::size_t i = 0; i < schemas.size(); ++i) {
            const Step step(*this, keyword);
            const Fit one = below(std::to_string(i), schemas[i], at.instance, at.evaluated);
            fitting += one == Fit::yes ? 1 : 0;
            unknown = unknown || one == Fit::unknown;
            // Others may still speak for members of the instance.
            if (keyword == "anyOf" && fitting != 0 && at.evaluated == nullptr) return Fit::yes;
            if (keyword == "oneOf" && fitting > 1) break;
        }
    }
    if (keyword == "anyOf") {
        if (fitting != 0) return Fit::yes;
        return unknown ? Fit::unknown : broken(keyword, "it fits none of the " + std::to_string(schemas.size()));
    }
    if (fitting > 1) return broken(keyword, "it fits more than one");
    if (unknown) return Fit::unknown;
    return fitting == 1 ? Fit::yes : broken(keyword, "it fits none of the " + std::to_string(schemas.size()));
}

Fit Evaluator::conditional(const At& at) {
    const json::value* condition = at.schema.if_contains("if");
    if (condition == nullptr) return Fit::yes;
    Fit met = Fit::unknown;
    {
        const Quiet quiet(*this);
        met = below("if", *condition, at.instance, at.evaluated);
    }
    const auto branch = [&](std::string_view keyword) {
        const json::value* schema = at.schema.if_contains(keyword);
        return schema == nullptr ? Fit::yes : below(keyword, *schema, at.instance, at.evaluated);
    };
    if (met != Fit::unknown) return branch(met == Fit::yes ? "then" : "else");
    const Quiet quiet(*this);
    return branch("then") == Fit::yes && branch("else") == Fit::yes ? Fit::yes : Fit::unknown;
}

Fit Evaluator::dependents(const At& at) {
    const json::object& instance = at.instance.get_object();
    Fit fit = Fit::yes;
    for (const std::string_view keyword : {"dependentSchemas", "dependencies"}) {
        if ((keyword == "dependencies") != at.dialect.draft07) continue;
        const json::object* table = object_at(at.schema, keyword);
        if (table == nullptr) continue;
        for (const auto& member : *table) {
            if (fit == Fit::no || member.value().is_array() || !instance.contains(member.key())) continue;
            const Step step(*this, keyword);
            fit = both(fit, below(member.key(), member.value(), at.instance, at.evaluated));
        }
    }
    return fit;
}

Fit Evaluator::properties(const At& at) {
    const json::object& instance = at.instance.get_object();
    const json::object* named = object_at(at.schema, "properties");
    const json::object* patterns = object_at(at.schema, "patternProperties");
    const json::value* others = at.schema.if_contains("additionalProperties");
    const json::value* names = at.schema.if_contains("propertyNames");
    if (named == nullptr && patterns == nullptr && others == nullptr && names == nullptr) return Fit::yes;
    Fit fit = Fit::yes;
    std::size_t index = 0;
    for (const auto& member : instance) {
        if (fit == Fit::no || !spend()) break;
        const std::string key(member.key());
        bool spoken_for = false;
        bool perhaps = false;
        const auto apply = [&](std::string_view keyword, std::string_view entry, const json::value& schema) {
            const Step outer(*this, keyword, &key);
            const Fit one = entry.empty() ? evaluate(schema, member.value(), nullptr)
                                          : below(entry, schema, member.value(), nullptr);
            fit = both(fit, one);
            spoken_for = true;
        };
        if (named != nullptr) {
            if (const json::value* schema = named->if_contains(key)) apply("properties", key, *schema);
        }
        if (patterns != nullptr) {
            for (const auto& entry : *patterns) {
                const Pattern* pattern = library_.pattern(entry.key());
                const auto match = spend() && pattern != nullptr ? pattern->matches(key) : std::nullopt;
                if (!match) {
                    perhaps = true;
                    fit =
                        both(fit, unsure("patternProperties", "the pattern " + std::string(entry.key().substr(0, 100)) +
                                                                  " cannot be run here"));
                } else if (*match) {
                    apply("patternProperties", entry.key(), entry.value());
                }
            }
        }
        if (others != nullptr && !spoken_for && !perhaps) apply("additionalProperties", "", *others);
        if (spoken_for && at.evaluated != nullptr) at.evaluated->add(index, instance.size());
        if (names != nullptr && fit != Fit::no) {
            const json::value name(member.key());
            const Step step(*this, "propertyNames");
            fit = both(fit, evaluate(*names, name, nullptr));
        }
        ++index;
    }
    return gave_up_ ? both(fit, Fit::unknown) : fit;
}

Fit Evaluator::items(const At& at) {
    const json::array& instance = at.instance.get_array();
    const json::value* prefix = at.schema.if_contains(at.dialect.draft07 ? "items" : "prefixItems");
    const json::array* firsts = prefix != nullptr ? prefix->if_array() : nullptr;
    const json::value* rest = at.schema.if_contains("items");
    const char* rest_keyword = "items";
    if (at.dialect.draft07 && firsts != nullptr) {
        rest = at.schema.if_contains("additionalItems");
        rest_keyword = "additionalItems";
    }
    Fit fit = Fit::yes;
    for (std::size_t i = 0; i < instance.size() && fit != Fit::no; ++i) {
        const bool among_firsts = firsts != nullptr && i < firsts->size();
        if (!among_firsts && rest == nullptr) break;
        if (!spend()) return Fit::unknown;
        const std::string part = std::to_string(i);
        if (among_firsts) {
            const Step step(*this, at.dialect.draft07 ? "items" : "prefixItems", &part);
            fit = both(fit, below(part, (*firsts)[i], instance[i], nullptr));
        } else {
            const Step step(*this, rest_keyword, &part);
            fit = both(fit, evaluate(*rest, instance[i], nullptr));
        }
        if (at.evaluated != nullptr) at.evaluated->add(i, instance.size());
    }
    return fit;
}

Fit Evaluator::contains(const At& at) {
    const json::value* wanted = at.schema.if_contains("contains");
    if (wanted == nullptr) return Fit::yes;
    const json::array& instance = at.instance.get_array();
    const bool counted = !at.dialect.draft07 && at.dialect.validates;
    const std::size_t least = counted ? count_at(at.schema, "minContains", 1) : 1;
    const std::size_t most = counted ? count_at(at.schema, "maxContains", instance.size()) : instance.size();
    std::size_t found = 0;
    std::size_t perhaps = 0;
    {
        const Quiet quiet(*this);
        for (std::size_t i = 0; i < instance.size(); ++i) {
            const Fit one = below("contains", *wanted, instance[i], nullptr);
            found += one == Fit::yes ? 1 : 0;
            perhaps += one == Fit::unknown ? 1 : 0;
            if (one == Fit::yes && at.evaluated != nullptr) at.evaluated->add(i, instance.size());
            if (gave_up_) return Fit::unknown;
        }
    }
    if (found + perhaps < least) {
        return broken("contains", "it needs " + std::to_string(least) + " such items and has " + std::to_string(found));
    }
    if (found > most) return broken("maxContains", "it has " + std::to_string(found) + " such items");
    return perhaps != 0 && (found < least || found + perhaps > most) ? Fit::unknown : Fit::yes;
}

Fit Evaluator::unevaluated(const At& at) {
    if (at.evaluated == nullptr || at.dialect.draft07) return Fit::yes;
    Fit fit = Fit::yes;
    const json::value* members = at.schema.if_contains("unevaluatedProperties");
    if (const json::object* instance = at.instance.if_object(); instance != nullptr && members != nullptr) {
        std::size_t index = 0;
        for (const auto& member : *instance) {
            if (!at.evaluated->has(index++) && fit != Fit::no) {
                const std::string key(member.key());
                const Step step(*this, "unevaluatedProperties", &key);
                fit = both(fit, evaluate(*members, member.value(), nullptr));
            }
        }
        at.evaluated->add_all(instance->size());
    }
    const json::value* items = at.schema.if_contains("unevaluatedItems");
    if (const json::array* instance = at.instance.if_array(); instance != nullptr && items != nullptr) {
        for (std::size_t i = 0; i < instance->size() && fit != Fit::no; ++i) {
            if (at.evaluated->has(i)) continue;
            const std::string part = std::to_string(i);
            const Step step(*this, "unevaluatedItems", &part);
            fit = both(fit, evaluate(*items, (*instance)[i], nullptr));
        }
        at.evaluated->add_all(instance->size());
    }
    return fit;
}

}  // namespace haive::mcp::schema
