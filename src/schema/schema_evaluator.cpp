#include "schema/schema_evaluator.hpp"

#include "schema/evaluation_scopes.hpp"
#include "schema/uri_reference.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace haive::mcp::schema {

namespace json = boost::json;

namespace {

std::string pointer_of(const std::vector<std::string>& tokens) {
    std::string out;
    for (const std::string& token : tokens) append_pointer_token(out, token);
    if (out.size() > 500) out.resize(500);
    return out;
}

}  // namespace

std::string shown(const json::value& value) {
    if (value.is_array()) return "a list";
    if (value.is_object()) return "an object";
    std::string text = json::serialize(value);
    if (text.size() > 60) text = text.substr(0, 60) + "...";
    return text;
}

void Evaluated::add(const Evaluated& other) {
    if (parts.size() < other.parts.size()) parts.resize(other.parts.size());
    for (std::size_t i = 0; i < other.parts.size(); ++i) {
        if (other.parts[i]) parts[i] = true;
    }
}

SchemaVerdict Evaluator::check(const json::value& instance) {
    const Fit fit = evaluate(library_.root(), instance, nullptr);
    if (fit == Fit::yes) return SchemaVerdict();
    if (fit == Fit::no) {
        verdict_.outcome = SchemaVerdict::Outcome::invalid;
        return verdict_;
    }
    SchemaVerdict out;
    out.outcome = SchemaVerdict::Outcome::not_checked;
    out.why = unsure_;
    return out;
}

bool Evaluator::spend(std::size_t steps) {
    if (gave_up_) return false;
    steps_ += steps;
    if (steps_ <= limits_.max_steps) return true;
    give_up("the check takes more steps than " + std::to_string(limits_.max_steps));
    return false;
}

Fit Evaluator::give_up(std::string why) {
    if (!gave_up_) unsure_ = std::move(why);
    gave_up_ = true;
    return Fit::unknown;
}

Fit Evaluator::unsure(std::string_view keyword, std::string why) {
    if (unsure_.empty()) unsure_ = "`" + std::string(keyword) + "`: " + std::move(why);
    return Fit::unknown;
}

Fit Evaluator::broken(std::string_view keyword, std::string why) {
    if (quiet_ == 0 && !told_) {
        told_ = true;
        schema_path_.emplace_back(keyword);
        verdict_.schema_path = pointer_of(schema_path_);
        schema_path_.pop_back();
        verdict_.instance_path = pointer_of(instance_path_);
        verdict_.why = std::move(why);
    }
    return Fit::no;
}

Fit Evaluator::evaluate(const json::value& schema, const json::value& instance, Evaluated* evaluated) {
    if (!spend()) return Fit::unknown;
    if (schema.is_bool()) return schema.get_bool() ? Fit::yes : broken("", "nothing is allowed here");
    if (depth_ >= limits_.max_depth) return give_up("schema and value go deeper than the limit");
    ++depth_;
    const Fit fit = evaluate_object(schema, instance, evaluated);
    --depth_;
    return fit;
}

Fit Evaluator::evaluate_object(const json::value& schema, const json::value& instance, Evaluated* evaluated) {
    const Resource& resource = library_.resource_of(schema);
    const bool enters = scope_.empty() || scope_.back() != &resource;
    if (enters) scope_.push_back(&resource);
    Evaluated own;
    const bool notes = library_.notes_evaluations() && (instance.is_object() || instance.is_array());
    const At at{schema.get_object(), instance, resource.dialect, notes ? &own : nullptr};
    Fit fit = Fit::yes;
    const Reference* reference = library_.reference(schema);
    if (reference != nullptr) fit = follow("$ref", *reference, at);
    const bool alone = resource.dialect.draft07 && at.schema.contains("$ref");
    if (!alone) {
        if (const Reference* dynamic = library_.dynamic_reference(schema); dynamic != nullptr && fit != Fit::no) {
            fit = both(fit, follow("$dynamicRef", *dynamic, at));
        }
        if (fit != Fit::no && resource.dialect.validates) fit = both(fit, assertions(at));
        if (fit != Fit::no && resource.dialect.applies) fit = both(fit, applicators(at));
    }
    if (enters) scope_.pop_back();
    if (fit == Fit::yes && evaluated != nullptr) evaluated->add(own);
    return fit;
}

Fit Evaluator::below(std::string_view keyword, const json::value& schema, const json::value& instance,
                     Evaluated* evaluated) {
    const Step step(*this, keyword);
    return evaluate(schema, instance, evaluated);
}

Fit Evaluator::follow(std::string_view keyword, const Reference& reference, const At& at) {
    const json::value* target = reference.target;
    if (!reference.dynamic_anchor.empty()) {
        for (const Resource* resource : scope_) {  // the outermost that has it
            const auto it = resource->dynamic_anchors.find(reference.dynamic_anchor);
            if (it == resource->dynamic_anchors.end()) continue;
            target = it->second;
            break;
        }
    }
    const std::pair<const void*, const void*> here(target, &at.instance);
    if (std::ranges::find(following_, here) != following_.end()) {
        return give_up("the schema refers to itself without end");
    }
    following_.push_back(here);
    const Fit fit = below(keyword, *target, at.instance, at.evaluated);
    following_.pop_back();
    return fit;
}

}  // namespace haive::mcp::schema
