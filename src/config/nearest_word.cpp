#include "haive/mcp/config/nearest_word.hpp"

#include <algorithm>
#include <vector>

namespace haive::mcp {

namespace {

/// Letters to add, drop, change or swap with their neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + change});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    }
    return rows[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest_word(std::string_view typed, std::span<const std::string> words) {
    constexpr std::size_t longest = 100;
    if (typed.size() > longest) return std::nullopt;
    const auto best =
        std::ranges::min_element(words, {}, [&](const std::string& word) { return distance(word, typed); });
    if (best == words.end()) return std::nullopt;
    const std::size_t limit = std::max<std::size_t>(1, typed.size() / 3);
    return distance(*best, typed) <= limit ? std::optional(*best) : std::nullopt;
}

}  // namespace haive::mcp
