// A schema and an instance, one after the other: whatever they are, a check ends soon and without a crash.
#include "haive/mcp/jsonrpc/raw_json.hpp"
#include "haive/mcp/schema/json_schema.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace haive::mcp;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t cut = text.find('\n');
    if (cut == std::string_view::npos) return 0;
    const auto schema_text = parse_json(text.substr(0, cut));
    const auto instance = parse_json(text.substr(cut + 1));
    if (!schema_text || !instance) return 0;
    SchemaLimits limits;
    limits.max_steps = 20'000;
    const auto schema = JsonSchema::compile(*schema_text, limits);
    if (schema) (void)schema->check(*instance);
    return 0;
}
