#include "config/variable_expansion.hpp"

namespace haive::mcp {

Result<std::string> expand_variables(std::string_view text, const VariableLookup& variable) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with("$${")) {
            out += "${";
            at += 3;
            continue;
        }
        const std::size_t end = text.substr(at).starts_with("${") ? text.find('}', at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            out += text[at++];
            continue;
        }
        std::string_view name = text.substr(at + 2, end - at - 2);
        if (name.starts_with("env:")) name.remove_prefix(4);
        std::optional<std::string> fallback;
        if (const std::size_t dash = name.find(":-"); dash != std::string_view::npos) {
            fallback = std::string(name.substr(dash + 2));
            name = name.substr(0, dash);
        }
        auto value = variable(name);
        if (!value || (value->empty() && fallback)) value = fallback;
        if (!value) {
            Error error(ErrorKind::invalid_config, "the environment variable " + std::string(name) + " is not set");
            error.set_mend("export it, or write ${" + std::string(name) + ":-default}");
            return error;
        }
        out += *value;
        at = end + 1;
    }
    return out;
}

}  // namespace haive::mcp
