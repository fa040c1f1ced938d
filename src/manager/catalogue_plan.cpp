#include "manager/catalogue_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace haive::mcp {

namespace {

constexpr std::size_t longest_lengthened = 64;

/// FNV-1a: the same on every machine and in every run, as names must be.
std::string short_hash(std::string_view text) {
    std::uint32_t hash = 2166136261U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out(8, '0');
    for (std::size_t i = out.size(); i-- > 0; hash >>= 4) out[i] = digits[hash & 15];
    return out;
}

std::string lengthened(std::string_view before, std::string_view name) {
    std::string out = std::string(before) + std::string(name);
    if (out.size() <= longest_lengthened) return out;
    const std::string hash = short_hash(out);
    std::size_t keep = longest_lengthened - hash.size() - 1;
    while (keep > 0 && (static_cast<unsigned char>(out[keep]) & 0xC0U) == 0x80U) --keep;  // no half character
    return out.substr(0, keep) + '_' + hash;
}

const std::string& own_name(const Tool& tool) { return tool.name; }
const std::string& own_name(const Prompt& prompt) { return prompt.name; }
const std::string& own_name(const Resource& resource) { return resource.uri; }
const std::string& own_name(const ResourceTemplate& resource) { return resource.uri_template; }

/// One server's things of a kind: filtered, by name, each name once.
template <class Item>
std::vector<std::shared_ptr<const Item>> share_of(const std::vector<std::shared_ptr<const Item>>& all,
                                                  const NameFilter& filter) {
    std::vector<std::pair<std::string_view, std::size_t>> places;
    places.reserve(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (const std::string& name = own_name(*all[i]); offers(filter, name)) places.emplace_back(name, i);
    }
    std::ranges::sort(places);
    std::vector<std::shared_ptr<const Item>> out;
    out.reserve(places.size());
    for (const auto& [name, place] : places) {
        if (out.empty() || own_name(*out.back()) != name) out.push_back(all[place]);  // of two the first
    }
    return out;
}

/// The things of one kind of all servers, under names that nobody else has.
template <class Item, class Pick>
std::vector<Offered<Item>> merge_named(const std::vector<ServerOffer>& offers, const NameFilter ServerOffer::* filter,
                                       Pick pick) {
    std::size_t most = 0;
    for (const ServerOffer& offer : offers) most += offer.lists ? pick(*offer.lists).size() : 0;
    std::vector<Offered<Item>> out;
    std::vector<const ServerOffer*> of;
    out.reserve(most);  // so that no name moves
    of.reserve(most);
    for (const ServerOffer& offer : offers) {
        if (!offer.lists) continue;
        for (auto& item : share_of(pick(*offer.lists), offer.*filter)) {
            const std::string& own = own_name(*item);
            std::string name = offer.prefix && !offer.prefix->empty() ? lengthened(*offer.prefix, own) : own;
            out.push_back(Offered<Item>{std::move(name), offer.server, std::move(item)});
            of.push_back(&offer);
        }
    }
    std::unordered_map<std::string_view, int> wanted(2 * most);
    for (const auto& each : out) ++wanted[each.name];
    std::vector<bool> shared(out.size());
    for (std::size_t i = 0; i < out.size(); ++i) shared[i] = wanted.find(out[i].name)->second > 1;
    std::unordered_set<std::string_view> taken(2 * most);
    for (std::size_t i = 0; i < out.size(); ++i) {
        std::string& name = out[i].name;
        if (shared[i] && !of[i]->prefix) name = lengthened(out[i].server + "__", own_name(*out[i].item));
        if (taken.insert(name).second) continue;
        const std::string base = name;
        for (int n = 2; !taken.insert(name).second; ++n) name = base + '_' + std::to_string(n);
    }
    return out;
}

template <class Item, class Pick>
std::vector<Offered<Item>> merge_addressed(const std::vector<ServerOffer>& offers, Pick pick) {
    std::vector<Offered<Item>> out;
    for (const ServerOffer& offer : offers) {
        if (!offer.lists) continue;
        for (auto& item : share_of(pick(*offer.lists), offer.resources)) {
            std::string name = own_name(*item);
            out.push_back(Offered<Item>{std::move(name), offer.server, std::move(item)});
        }
    }
    return out;
}

bool same_things(const std::shared_ptr<const ServerLists>& a, const std::shared_ptr<const ServerLists>& b) noexcept {
    if (a == b) return true;
    return a && b && a->tools == b->tools && a->prompts == b->prompts && a->resources == b->resources &&
           a->resource_templates == b->resource_templates;
}

bool same_contents(const ServerOffer& a, const ServerOffer& b) noexcept {
    return a.server == b.server && same_things(a.lists, b.lists) && a.tools == b.tools && a.prompts == b.prompts &&
           a.resources == b.resources && a.prefix == b.prefix;
}

decltype(ServerLists::listed_at) listed_at(const ServerOffer& offer) noexcept {
    return offer.lists ? offer.lists->listed_at : std::nullopt;
}

template <class Item>
CatalogueDiff::Names difference(const std::vector<Offered<Item>>& before, const std::vector<Offered<Item>>& after) {
    // What is the same at both ends needs no second look: mostly it is one server's part that is new.
    const auto same = [](const Offered<Item>& a, const Offered<Item>& b) {
        return a.item == b.item && a.name == b.name && a.server == b.server;
    };
    const auto [old_begin, new_begin] = std::ranges::mismatch(before, after, same);
    auto old_end = before.end();
    auto new_end = after.end();
    while (old_end != old_begin && new_end != new_begin && same(*(old_end - 1), *(new_end - 1))) {
        --old_end;
        --new_end;
    }
    const std::ranges::subrange gone(old_begin, old_end);
    const std::ranges::subrange come(new_begin, new_end);
    // By name and, for resources, by server too.
    const auto key = [](const Offered<Item>& each) { return each.name + '\n' + each.server; };
    std::map<std::string, const Offered<Item>*> known;
    for (const auto& each : gone) known.emplace(key(each), &each);
    CatalogueDiff::Names out;
    for (const auto& each : come) {
        const auto found = known.find(key(each));
        if (found == known.end()) {
            out.added.push_back(each.name);
            continue;
        }
        const auto& was = found->second->item;
        if (was != each.item && was->raw.text() != each.item->raw.text()) out.changed.push_back(each.name);
        known.erase(found);
    }
    for (const auto& each : gone) {
        if (known.contains(key(each))) out.removed.push_back(each.name);
    }
    return out;
}

template <class Item>
const Offered<Item>* find_in(const std::vector<Offered<Item>>& all, std::string_view name) noexcept {
    const auto found = std::ranges::find(all, name, &Offered<Item>::name);
    return found == all.end() ? nullptr : &*found;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view name) noexcept {
    // Goes back to the last star only: linear in practice, at worst the product of the lengths.
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = std::string_view::npos;
    std::size_t after = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            after = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++after;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool offers(const NameFilter& filter, std::string_view name) noexcept {
    const auto matches = [name](const std::string& pattern) { return matches_pattern(pattern, name); };
    return (filter.allow.empty() || std::ranges::any_of(filter.allow, matches)) &&
           std::ranges::none_of(filter.deny, matches);
}

Catalogue merge_catalogue(const std::vector<ServerOffer>& offers) {
    Catalogue out;
    out.tools = merge_named<Tool>(offers, &ServerOffer::tools, [](const auto& l) -> auto& { return l.tools; });
    out.prompts = merge_named<Prompt>(offers, &ServerOffer::prompts, [](const auto& l) -> auto& { return l.prompts; });
    out.resources = merge_addressed<Resource>(offers, [](const auto& l) -> auto& { return l.resources; });
    out.resource_templates =
        merge_addressed<ResourceTemplate>(offers, [](const auto& l) -> auto& { return l.resource_templates; });
    std::unordered_map<std::string_view, CatalogueShare*> shares;
    out.shares.resize(offers.size());
    for (std::size_t i = 0; i < offers.size(); ++i) {
        CatalogueShare& share = out.shares[i];
        share.server = offers[i].server;
        share.freshness = offers[i].freshness;
        share.listed_at = listed_at(offers[i]);
        shares.emplace(share.server, &share);
    }
    for (const auto& each : out.tools) ++shares.at(each.server)->tools;
    for (const auto& each : out.prompts) ++shares.at(each.server)->prompts;
    for (const auto& each : out.resources) ++shares.at(each.server)->resources;
    for (const auto& each : out.resource_templates) ++shares.at(each.server)->resource_templates;
    return out;
}

OfferChange compare_offers(const std::vector<ServerOffer>& before, const std::vector<ServerOffer>& now) noexcept {
    if (!std::ranges::equal(before, now, same_contents)) return OfferChange::contents;
    const auto same_freshness = [](const ServerOffer& a, const ServerOffer& b) {
        return a.freshness == b.freshness && listed_at(a) == listed_at(b);
    };
    return std::ranges::equal(before, now, same_freshness) ? OfferChange::nothing : OfferChange::freshness;
}

Catalogue refresh_catalogue(Catalogue merged, const std::vector<ServerOffer>& offers) {
    for (std::size_t i = 0; i < offers.size(); ++i) {
        merged.shares[i].freshness = offers[i].freshness;
        merged.shares[i].listed_at = listed_at(offers[i]);
    }
    return merged;
}

CatalogueDiff diff_catalogues(const Catalogue& before, const Catalogue& after) {
    CatalogueDiff out;
    out.tools = difference(before.tools, after.tools);
    out.prompts = difference(before.prompts, after.prompts);
    out.resources = difference(before.resources, after.resources);
    out.resource_templates = difference(before.resource_templates, after.resource_templates);
    return out;
}

const Offered<Tool>* Catalogue::find_tool(std::string_view name) const noexcept { return find_in(tools, name); }

const Offered<Prompt>* Catalogue::find_prompt(std::string_view name) const noexcept { return find_in(prompts, name); }

std::vector<std::string_view> Catalogue::servers_of(std::string_view uri) const {
    std::vector<std::string_view> out;
    for (const auto& each : resources) {
        if (each.name == uri) out.push_back(each.server);
    }
    if (!out.empty()) return out;
    for (const auto& each : resource_templates) {
        // The literal beginning decides: what an expression may stand for is the server's business.
        const std::string_view literal = std::string_view(each.name).substr(0, each.name.find('{'));
        if (!literal.empty() && uri.starts_with(literal) && std::ranges::find(out, each.server) == out.end()) {
            out.push_back(each.server);
        }
    }
    return out;
}

}  // namespace haive::mcp
