#include "transport/http/http_requester.hpp"
#include "transport/http/http_text.hpp"

namespace haive::mcp {

std::string_view HttpHead::find(std::string_view name) const noexcept {
    for (const Field& field : fields) {
        if (iequals(field.name, name)) return field.value;
    }
    return {};
}

bool HttpHead::has(std::string_view name) const noexcept {
    return std::any_of(fields.begin(), fields.end(), [&](const Field& field) { return iequals(field.name, name); });
}

}  // namespace haive::mcp
