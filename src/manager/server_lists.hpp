#pragma once

#include "haive/mcp/protocol/prompts.hpp"
#include "haive/mcp/protocol/resources.hpp"
#include "haive/mcp/protocol/tools.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace haive::mcp {

/// What one server lists, as it said it.
struct ServerLists {
    std::vector<std::shared_ptr<const Tool>> tools;
    std::vector<std::shared_ptr<const Prompt>> prompts;
    std::vector<std::shared_ptr<const Resource>> resources;
    std::vector<std::shared_ptr<const ResourceTemplate>> resource_templates;
    std::optional<std::chrono::system_clock::time_point> listed_at;
};

}  // namespace haive::mcp
