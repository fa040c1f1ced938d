#include "haive/mcp/schema/json_schema.hpp"

#include "schema/schema_evaluator.hpp"

namespace haive::mcp {

struct JsonSchema::Compiled {
    Compiled(SchemaLimits given, Documents documents) : limits(given), library(given, std::move(documents)) {}

    SchemaLimits limits;
    schema::SchemaLibrary library;
};

JsonSchema::JsonSchema(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

Result<JsonSchema> JsonSchema::compile(const boost::json::value& schema, SchemaLimits limits, Documents documents) {
    auto compiled = std::make_shared<Compiled>(limits, std::move(documents));
    if (auto error = compiled->library.add_root(schema)) return std::move(*error);
    return JsonSchema(std::move(compiled));
}

SchemaVerdict JsonSchema::check(const boost::json::value& instance) const {
    return schema::Evaluator(compiled_->library, compiled_->limits).check(instance);
}

}  // namespace haive::mcp
