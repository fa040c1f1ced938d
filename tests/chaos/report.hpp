#pragma once

#include "connection/transition_table.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace haive::mcp::chaos {

/// How often each row of the transition table was walked, and what else was counted.
struct Coverage {
    std::array<std::uint64_t, transitions.size()> walked{};
    std::uint64_t seeds = 0;
    std::uint64_t faults = 0;
    std::uint64_t calls = 0;
    std::uint64_t operations = 0;
    std::uint64_t resent = 0;
    std::uint64_t attempts = 0;
    std::uint64_t connections = 0;
    /// Ends of calls by class (never twice, idempotent, read) and verdict (answered, not sent, maybe, executed).
    std::array<std::array<std::uint64_t, 4>, 3> ends{};
    Duration virtual_time{};

    void add(const Coverage& other) {
        for (std::size_t i = 0; i < walked.size(); ++i) walked[i] += other.walked[i];
        for (std::size_t c = 0; c < ends.size(); ++c) {
            for (std::size_t v = 0; v < ends[c].size(); ++v) ends[c][v] += other.ends[c][v];
        }
        seeds += other.seeds;
        faults += other.faults;
        calls += other.calls;
        operations += other.operations;
        resent += other.resent;
        attempts += other.attempts;
        connections += other.connections;
        virtual_time += other.virtual_time;
    }
};

/// What one seed found out.
struct Report {
    std::uint64_t seed = 0;
    std::uint64_t hash = 0;
    Coverage coverage;
    std::vector<std::string> broken;  ///< invariants that did not hold; the first few

    void fail(std::string text) {
        constexpr std::size_t enough = 6;
        if (broken.size() < enough) broken.push_back("seed " + std::to_string(seed) + ": " + std::move(text));
    }
};

}  // namespace haive::mcp::chaos
