#pragma once

#include "haive/mcp/protocol/prompts.hpp"
#include "haive/mcp/protocol/resources.hpp"
#include "haive/mcp/protocol/tools.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// How much a server's part of the catalogue is worth now.
enum class Freshness : std::uint8_t {
    unknown,  ///< never listed: nothing of it is on offer yet
    cached,   ///< from the disk, of an earlier run
    stale,    ///< listed in this run; the server is away, or its newest list is awaited
    current,  ///< as the connected server lists it
};

[[nodiscard]] constexpr std::string_view to_string(Freshness freshness) noexcept {
    switch (freshness) {
        case Freshness::unknown: return "unknown";
        case Freshness::cached: return "cached";
        case Freshness::stale: return "stale";
        case Freshness::current: return "current";
    }
    return "unknown";
}

/// A thing that some server offers, under the name by which the manager offers it.
template <class Item>
struct Offered {
    std::string name;                  ///< unique in the catalogue
    std::string server;                ///< configured name
    std::shared_ptr<const Item> item;  ///< never null; carries the server's own name for it
};

/// One server's part in a catalogue.
struct CatalogueShare {
    std::string server;
    Freshness freshness = Freshness::unknown;
    std::optional<std::chrono::system_clock::time_point> listed_at;
    std::size_t tools = 0;
    std::size_t prompts = 0;
    std::size_t resources = 0;
    std::size_t resource_templates = 0;

    bool operator==(const CatalogueShare&) const = default;
};

/// All that the servers of a manager offer, as one list: a snapshot that does not change.
///
/// The order is the servers' order in the configuration and, within one, by name: it stays the same while servers
/// come and go, so that a model's prompt cache stays warm. Names are unique: where servers share one, each of them
/// has it as `server__name`, also while the other one is away. Names that got longer than 64 bytes by that are cut
/// and end in eight hex digits of their hash.
struct Catalogue {
    Catalogue() = default;
    std::uint64_t version = 0;  ///< grows with every change
    std::vector<Offered<Tool>> tools;
    std::vector<Offered<Prompt>> prompts;
    /// `name` is the URI; of two servers with the same URI, both are listed.
    std::vector<Offered<Resource>> resources;
    std::vector<Offered<ResourceTemplate>> resource_templates;
    std::vector<CatalogueShare> shares;

    /// Null when nobody offers it.
    [[nodiscard]] const Offered<Tool>* find_tool(std::string_view name) const noexcept;
    [[nodiscard]] const Offered<Prompt>* find_prompt(std::string_view name) const noexcept;
    /// The servers that list this URI, or else those with a template it may belong to.
    [[nodiscard]] std::vector<std::string_view> servers_of(std::string_view uri) const;
};

/// What became different between two catalogues, by offered name.
struct CatalogueDiff {
    struct Names {
        std::vector<std::string> added;
        std::vector<std::string> removed;
        /// The same name with other words: a new description, schema or annotation. A tool that changes its
        /// description after it was approved deserves a second look.
        std::vector<std::string> changed;

        [[nodiscard]] bool empty() const noexcept { return added.empty() && removed.empty() && changed.empty(); }
    };
    Names tools;
    Names prompts;
    Names resources;
    Names resource_templates;

    [[nodiscard]] bool empty() const noexcept {
        return tools.empty() && prompts.empty() && resources.empty() && resource_templates.empty();
    }
};

}  // namespace haive::mcp
