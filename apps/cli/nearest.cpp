#include "cli/nearest.hpp"

#include "haive/mcp/config/nearest_word.hpp"

namespace haive::mcp::cli {

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& words) {
    const auto word = nearest_word(typed, words);
    return word ? "did you mean '" + *word + "'?" : std::string();
}

}  // namespace haive::mcp::cli
