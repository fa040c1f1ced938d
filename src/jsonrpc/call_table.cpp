#include "jsonrpc/call_table.hpp"

#include <algorithm>

namespace haive::mcp {

std::vector<std::uint64_t> CallTable::ids() const {
    std::vector<std::uint64_t> all;
    all.reserve(calls_.size());
    for (const auto& [id, entry] : calls_) all.push_back(id);
    std::ranges::sort(all);
    return all;
}

}  // namespace haive::mcp
