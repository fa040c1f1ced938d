#pragma once

#include <cstdint>
#include <vector>

namespace haive::mcp::chaos {

/// One run of a tool: in which life of which server, under which generation of the connection.
struct Execution {
    int life = 0;
    std::uint64_t generation = 0;
};

/// Every execution of every call, as the servers saw it. A call is known by its token.
class Ledger {
public:
    std::size_t issue() {
        entries_.emplace_back();
        return entries_.size() - 1;
    }
    void append(std::size_t token, Execution execution) {
        if (token < entries_.size()) entries_[token].push_back(execution);
    }
    [[nodiscard]] const std::vector<Execution>& of(std::size_t token) const { return entries_[token]; }

private:
    std::vector<std::vector<Execution>> entries_;
};

}  // namespace haive::mcp::chaos
