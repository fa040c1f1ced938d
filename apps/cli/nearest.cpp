#include "cli/nearest.hpp"

#include <algorithm>

namespace haive::mcp::cli {

namespace {

/// Levenshtein's: letters to add, drop or change.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] =
                std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view typed, const std::vector<std::string>& words) {
    const auto best = std::ranges::min_element(
        words, {}, [&](const std::string& word) { return distance(word, typed); });
    if (best == words.end()) return std::nullopt;
    const std::size_t limit = std::max<std::size_t>(typed.size() > 3 ? 2 : 1, typed.size() / 3);
    return distance(*best, typed) <= limit ? std::optional(*best) : std::nullopt;
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& words) {
    const auto word = nearest(typed, words);
    return word ? "did you mean '" + *word + "'?" : std::string();
}

}  // namespace haive::mcp::cli
