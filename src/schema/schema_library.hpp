#pragma once

#include "haive/mcp/schema/json_schema.hpp"
#include "schema/dialect_words.hpp"
#include "schema/pattern.hpp"

#include <boost/json/value.hpp>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace haive::mcp::schema {

/// A schema resource: what an `$id`, or a document, begins.
struct Resource {
    std::string uri;  ///< absolute where it can be, without a fragment
    const boost::json::value* root = nullptr;
    SchemaDialect dialect;
    std::map<std::string, const boost::json::value*, std::less<>> anchors;
    std::map<std::string, const boost::json::value*, std::less<>> dynamic_anchors;
};

/// Where a reference leads.
struct Reference {
    const boost::json::value* target = nullptr;
    std::string dynamic_anchor;  ///< `$dynamicRef` to a `$dynamicAnchor`: looked up in the dynamic scope
};

/// The documents of one schema, indexed: every subschema knows its resource, every reference its target, every
/// pattern is compiled. Built once, then only read: any thread. References to other documents are asked of the
/// hook; nothing is fetched.
class SchemaLibrary {
public:
    SchemaLibrary(const SchemaLimits& limits, JsonSchema::Documents documents);

    /// Indexes the document and all that it leads to. The Error says what is wrong with it.
    [[nodiscard]] std::optional<Error> add_root(boost::json::value schema);

    [[nodiscard]] const boost::json::value& root() const noexcept { return *root_; }
    [[nodiscard]] const Resource& resource_of(const boost::json::value& schema) const;
    /// Of `$ref` or `$dynamicRef` in this schema object; nullptr when it has none.
    [[nodiscard]] const Reference* reference(const boost::json::value& schema) const;
    [[nodiscard]] const Reference* dynamic_reference(const boost::json::value& schema) const;
    [[nodiscard]] const Pattern* pattern(std::string_view text) const;
    /// Some schema speaks of what is not evaluated, so evaluations must be noted.
    [[nodiscard]] bool notes_evaluations() const noexcept { return notes_evaluations_; }

private:
    struct Pending {
        const boost::json::value* schema;
        std::string base;  // of its resource
        std::string target;
        bool dynamic;
    };

    bool fail(std::string why);
    const boost::json::value* add_document(boost::json::value document, const std::string& uri,
                                           const SchemaDialect& fallback);
    std::optional<SchemaDialect> dialect_of(const boost::json::object& schema, const SchemaDialect& fallback);
    std::optional<SchemaDialect> dialect_named(const std::string& uri);
    bool index(const boost::json::value& schema, std::size_t resource, int depth);
    bool index_object(const boost::json::value& schema, std::size_t resource, int depth);
    bool index_held(const boost::json::value& value, Holds holds, std::size_t resource, int depth);
    std::size_t begin_resource(const boost::json::value& schema, std::string uri, const SchemaDialect& dialect);
    void note_pattern(std::string_view text);
    bool resolve_pending();
    bool resolve_one(const Pending& pending);
    const Resource* find_resource(const std::string& uri, const SchemaDialect& fallback);
    const boost::json::value* follow_pointer(const Resource& resource, std::string_view pointer);

    const SchemaLimits limits_;
    const JsonSchema::Documents documents_hook_;
    std::deque<boost::json::value> documents_;
    std::deque<Resource> resources_;
    std::map<std::string, std::size_t, std::less<>> by_uri_;
    std::unordered_map<const boost::json::value*, std::size_t> resource_index_;
    std::unordered_map<const boost::json::value*, Reference> references_;
    std::unordered_map<const boost::json::value*, Reference> dynamic_references_;
    std::map<std::string, Pattern, std::less<>> patterns_;
    std::vector<Pending> pending_;
    const boost::json::value* root_ = nullptr;
    std::optional<Error> error_;
    bool notes_evaluations_ = false;
};

}  // namespace haive::mcp::schema
