#pragma once

#include "haive/mcp/manager/catalogue.hpp"
#include "haive/mcp/manager/upstream_options.hpp"
#include "manager/server_lists.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// One server's contribution to a merge. Lists may be null: never listed.
struct ServerOffer {
    std::string server;
    std::shared_ptr<const ServerLists> lists;
    Freshness freshness = Freshness::unknown;
    NameFilter tools;
    NameFilter prompts;
    NameFilter resources;
    std::optional<std::string> prefix;
};

/// Whether a filter lets a name through.
[[nodiscard]] bool offers(const NameFilter& filter, std::string_view name) noexcept;
/// `*` stands for any text, `?` for any byte.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view name) noexcept;

/// What is different between the offers of one merge and those of the next.
enum class OfferChange : std::uint8_t {
    nothing,
    freshness,  ///< the same things, but how much they are worth, or when they were listed
    contents,
};
[[nodiscard]] OfferChange compare_offers(const std::vector<ServerOffer>& before,
                                         const std::vector<ServerOffer>& now) noexcept;

/// One catalogue of all, in the order of `offers`; `version` is left to the caller. Pure.
[[nodiscard]] Catalogue merge_catalogue(const std::vector<ServerOffer>& offers);
/// The same catalogue with the freshness and the times of `offers`, which are otherwise those that it was merged from:
/// a fraction of a merge.
[[nodiscard]] Catalogue refresh_catalogue(Catalogue merged, const std::vector<ServerOffer>& offers);
[[nodiscard]] CatalogueDiff diff_catalogues(const Catalogue& before, const Catalogue& after);

}  // namespace haive::mcp
