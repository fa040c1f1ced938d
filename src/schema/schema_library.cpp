#include "schema/schema_library.hpp"

#include "schema/uri_reference.hpp"

#include <boost/json/parse.hpp>

#include <charconv>

namespace haive::mcp::schema {

namespace json = boost::json;

namespace {

constexpr std::size_t most_documents = 256;

std::string_view text_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::string without_fragment(std::string_view uri) { return std::string(split_fragment(uri).document); }

}  // namespace

SchemaLibrary::SchemaLibrary(const SchemaLimits& limits, JsonSchema::Documents documents)
    : limits_(limits), documents_hook_(std::move(documents)) {}

bool SchemaLibrary::fail(std::string why) {
    if (!error_) error_ = Error(ErrorKind::protocol_violation, "JSON Schema: " + std::move(why), Disposition::executed);
    return false;
}

std::optional<Error> SchemaLibrary::add_root(json::value schema) {
    root_ = add_document(std::move(schema), std::string(), SchemaDialect());
    if (root_ != nullptr) resolve_pending();
    return error_;
}

const json::value* SchemaLibrary::add_document(json::value document, const std::string& uri,
                                               const SchemaDialect& fallback) {
    if (documents_.size() >= most_documents) return fail("it refers to too many documents"), nullptr;
    const json::value& kept = documents_.emplace_back(std::move(document));
    SchemaDialect dialect = fallback;
    if (const json::object* object = kept.if_object()) {
        const auto own = dialect_of(*object, fallback);
        if (!own) return nullptr;
        dialect = *own;
    } else if (!kept.is_bool()) {
        return fail("a schema is an object, true or false"), nullptr;
    }
    const std::size_t resource = begin_resource(kept, uri, dialect);
    return index(kept, resource, 0) ? &kept : nullptr;
}

std::optional<SchemaDialect> SchemaLibrary::dialect_of(const json::object& schema, const SchemaDialect& fallback) {
    const std::string_view named = text_at(schema, "$schema");
    return named.empty() ? fallback : dialect_named(without_fragment(named));
}

std::optional<SchemaDialect> SchemaLibrary::dialect_named(const std::string& uri) {
    SchemaDialect out;
    if (uri == draft_2020_uri) return out;
    out.draft07 = uri == draft_07_uri || uri == "https://json-schema.org/draft-07/schema";
    if (out.draft07) return out;
    const auto meta = documents_hook_ ? documents_hook_(uri) : std::nullopt;
    const json::object* object = meta ? meta->if_object() : nullptr;
    const json::value* vocabularies = object != nullptr ? object->if_contains("$vocabulary") : nullptr;
    if (vocabularies == nullptr || !vocabularies->is_object()) {
        fail("its dialect " + uri.substr(0, 200) + " is not known; 2020-12 and draft-07 are");
        return std::nullopt;
    }
    constexpr std::string_view known = "https://json-schema.org/draft/2020-12/vocab/";
    out.applies = out.validates = false;
    for (const auto& member : vocabularies->as_object()) {
        const std::string_view name = member.key();
        const bool needed = member.value().is_bool() && member.value().get_bool();
        if (name.starts_with(known)) {
            if (name.ends_with("/applicator")) out.applies = true;
            if (name.ends_with("/validation")) out.validates = true;
        } else if (needed) {
            fail("it needs a vocabulary that is not known: " + std::string(name.substr(0, 200)));
            return std::nullopt;
        }
    }
    return out;
}

std::size_t SchemaLibrary::begin_resource(const json::value& schema, std::string uri, const SchemaDialect& dialect) {
    Resource& resource = resources_.emplace_back();
    resource.uri = std::move(uri);
    resource.root = &schema;
    resource.dialect = dialect;
    const std::size_t number = resources_.size() - 1;
    by_uri_.emplace(resource.uri, number);
    return number;
}

bool SchemaLibrary::index(const json::value& schema, std::size_t resource, int depth) {
    if (static_cast<std::size_t>(depth) > limits_.max_depth) return fail("it is nested too deep");
    if (resource_index_.contains(&schema)) return true;
    if (resource_index_.size() >= limits_.max_subschemas) return fail("it has too many parts");
    if (schema.is_object()) return index_object(schema, resource, depth);
    if (!schema.is_bool()) return fail("a schema is an object, true or false");
    resource_index_.emplace(&schema, resource);
    return true;
}

bool SchemaLibrary::index_object(const json::value& schema, std::size_t resource, int depth) {
    const json::object& object = schema.get_object();
    const bool hidden = resources_[resource].dialect.draft07 && object.contains("$ref");  // `$ref` stands alone there
    if (const std::string_view id = hidden ? std::string_view() : text_at(object, "$id"); !id.empty()) {
        const auto [document, fragment] = split_fragment(id);
        if (!document.empty()) {
            const auto dialect = dialect_of(object, resources_[resource].dialect);
            if (!dialect) return false;
            const std::string uri = resolve(resources_[resource].uri, document);
            if (resources_[resource].root == &schema) {  // the document's own name, beside where it was found
                resources_[resource].uri = uri;
                resources_[resource].dialect = *dialect;
                by_uri_.emplace(uri, resource);
            } else {
                resource = begin_resource(schema, uri, *dialect);
            }
        }
        if (!fragment.empty()) resources_[resource].anchors.emplace(percent_decoded(fragment), &schema);
    }
    resource_index_.emplace(&schema, resource);
    const bool draft07 = resources_[resource].dialect.draft07;
    const std::string base = resources_[resource].uri;
    if (!draft07) {
        if (const auto name = text_at(object, "$anchor"); !name.empty())
            resources_[resource].anchors.emplace(name, &schema);
        if (const auto name = text_at(object, "$dynamicAnchor"); !name.empty()) {
            resources_[resource].anchors.emplace(name, &schema);
            resources_[resource].dynamic_anchors.emplace(name, &schema);
        }
        if (const auto target = text_at(object, "$dynamicRef"); !target.empty())
            pending_.push_back({&schema, base, std::string(target), true});
        if (object.contains("unevaluatedProperties") || object.contains("unevaluatedItems")) notes_evaluations_ = true;
    }
    if (const json::value* target = object.if_contains("$ref"); target != nullptr && target->is_string())
        pending_.push_back({&schema, base, std::string(target->get_string()), false});
    if (const auto pattern = text_at(object, "pattern"); !pattern.empty()) note_pattern(pattern);
    for (const auto& member : object) {
        const Holds holds = held_by(member.key(), draft07);
        if (holds != Holds::nothing && !index_held(member.value(), holds, resource, depth + 1)) return false;
        if (member.key() == "patternProperties" && member.value().is_object()) {
            for (const auto& entry : member.value().get_object()) note_pattern(entry.key());
        }
    }
    return true;
}

bool SchemaLibrary::index_held(const json::value& value, Holds holds, std::size_t resource, int depth) {
    const bool list = holds == Holds::list || (holds == Holds::schema_or_list && value.is_array());
    if (list) {
        if (!value.is_array()) return fail("a list of schemas is no list");
        for (const json::value& item : value.get_array()) {
            if (!index(item, resource, depth)) return false;
        }
        return true;
    }
    if (holds == Holds::schema || holds == Holds::schema_or_list) return index(value, resource, depth);
    if (!value.is_object()) return fail("a table of schemas is no object");
    for (const auto& member : value.get_object()) {
        if (holds == Holds::members_or_lists && member.value().is_array()) continue;
        if (!index(member.value(), resource, depth)) return false;
    }
    return true;
}

void SchemaLibrary::note_pattern(std::string_view text) {
    if (patterns_.find(text) == patterns_.end()) {
        patterns_.emplace(std::string(text), Pattern(text, limits_.max_pattern_bytes));
    }
}

bool SchemaLibrary::resolve_pending() {
    for (std::size_t i = 0; i < pending_.size(); ++i) {  // it grows: references lead to more
        if (!resolve_one(Pending(pending_[i]))) return false;
    }
    pending_.clear();
    return true;
}

bool SchemaLibrary::resolve_one(const Pending& pending) {
    const std::string absolute = resolve(pending.base, pending.target);
    const auto [document, raw_fragment] = split_fragment(absolute);
    const SchemaDialect fallback = resources_[resource_index_.at(pending.schema)].dialect;
    const Resource* resource = find_resource(std::string(document), fallback);
    if (resource == nullptr) return fail("it refers to " + absolute.substr(0, 200) + ", which is not here to be read");
    const std::string fragment = percent_decoded(raw_fragment);
    Reference reference;
    if (fragment.empty()) {
        reference.target = resource->root;
    } else if (fragment.starts_with('/')) {
        reference.target = follow_pointer(*resource, fragment);
    } else if (const auto it = resource->anchors.find(fragment); it != resource->anchors.end()) {
        reference.target = it->second;
        if (pending.dynamic && resource->dynamic_anchors.contains(fragment)) reference.dynamic_anchor = fragment;
    }
    if (error_) return false;
    if (reference.target == nullptr)
        return fail("it refers to " + absolute.substr(0, 200) + ", where there is nothing");
    (pending.dynamic ? dynamic_references_ : references_).emplace(pending.schema, std::move(reference));
    return true;
}

const Resource* SchemaLibrary::find_resource(const std::string& uri, const SchemaDialect& fallback) {
    if (const auto it = by_uri_.find(uri); it != by_uri_.end()) return &resources_[it->second];
    std::optional<json::value> document;
    if (const std::string_view known = known_metaschema(uri); !known.empty()) {
        document = json::parse(json::string_view(known.data(), known.size()));
    } else if (documents_hook_) {
        document = documents_hook_(uri);
    }
    if (!document) return nullptr;
    if (add_document(std::move(*document), uri, fallback) == nullptr) return nullptr;
    const auto it = by_uri_.find(uri);
    return it == by_uri_.end() ? nullptr : &resources_[it->second];
}

const json::value* SchemaLibrary::follow_pointer(const Resource& resource, std::string_view pointer) {
    const json::value* at = resource.root;
    std::size_t owner = resource_index_.at(at);
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const std::size_t end = pointer.find('/');
        const std::string token = pointer_token(pointer.substr(0, end));
        pointer.remove_prefix(end == std::string_view::npos ? pointer.size() : end);
        if (const json::object* object = at->if_object()) {
            at = object->if_contains(token);
        } else if (const json::array* array = at->if_array()) {
            std::size_t i = 0;
            const auto parsed = std::from_chars(token.data(), token.data() + token.size(), i);
            const bool whole = parsed.ec == std::errc() && parsed.ptr == token.data() + token.size();
            at = whole && i < array->size() ? &(*array)[i] : nullptr;
        } else {
            at = nullptr;
        }
        if (at == nullptr) return nullptr;
        if (const auto it = resource_index_.find(at); it != resource_index_.end()) owner = it->second;
    }
    // A place that no keyword makes a schema is one once it is referred to.
    return index(*at, owner, 0) ? at : nullptr;
}

const Resource& SchemaLibrary::resource_of(const json::value& schema) const {
    return resources_[resource_index_.at(&schema)];
}

const Reference* SchemaLibrary::reference(const json::value& schema) const {
    const auto it = references_.find(&schema);
    return it == references_.end() ? nullptr : &it->second;
}

const Reference* SchemaLibrary::dynamic_reference(const json::value& schema) const {
    const auto it = dynamic_references_.find(&schema);
    return it == dynamic_references_.end() ? nullptr : &it->second;
}

const Pattern* SchemaLibrary::pattern(std::string_view text) const {
    const auto it = patterns_.find(text);
    return it == patterns_.end() ? nullptr : &it->second;
}

}  // namespace haive::mcp::schema
