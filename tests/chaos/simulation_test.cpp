// The real MCPConnection against simulated servers in virtual time; docs/internals/simulation.md.
#include "chaos/simulation.hpp"
#include "chaos/unreachable.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <string>

namespace haive::mcp::chaos {
namespace {

constexpr std::uint64_t parts = 4;
constexpr std::uint64_t usual_seeds = 10'000;
constexpr std::uint64_t walks_in_usual_seeds = 100;  // S2
constexpr int enough_failures = 5;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

void print(const Coverage& all, double cpu) {
    const double seeds = static_cast<double>(all.seeds);
    std::cout << std::fixed << std::setprecision(2) << all.seeds << " seeds, " << cpu << " s CPU, "
              << cpu * 1000 / seeds << " ms each; virtual hours " << to_seconds(all.virtual_time) / 3600 << "; faults "
              << all.faults << ", calls " << all.calls << ", operations " << all.operations << ", attempts "
              << all.attempts << ", connections " << all.connections << ", calls that were sent again and failed "
              << all.resent << '\n';
    const auto ends = [&](const char* name, std::size_t row) {
        std::cout << name << ": answered " << all.ends[row][0] << ", not_sent " << all.ends[row][1]
                  << ", maybe_executed " << all.ends[row][2] << ", executed " << all.ends[row][3] << '\n';
    };
    ends("class N", 0);
    ends("idempotent", 1);
    ends("read only", 2);
    for (std::size_t i = 0; i < transitions.size(); ++i) {
        const Transition& t = transitions[i];
        std::cout << std::setw(9) << all.walked[i] << "  " << t.rule << ' ' << to_string(t.from) << " -("
                  << to_string(t.event) << ")-> " << to_string(t.to);
        if (!why_unreachable(t).empty()) std::cout << "   not here: " << why_unreachable(t);
        std::cout << '\n';
    }
}

/// S2: each row of the table that can be walked without HTTP and pools, often enough.
void check_coverage(const Coverage& all) {
    if (all.seeds * parts < usual_seeds) return;  // a short run proves nothing
    const std::uint64_t least = walks_in_usual_seeds * all.seeds / usual_seeds;
    for (std::size_t i = 0; i < transitions.size(); ++i) {
        const Transition& t = transitions[i];
        const std::string row = std::string(to_string(t.from)) + " -(" + std::string(to_string(t.event)) + ")-> " +
                                std::string(to_string(t.to));
        if (why_unreachable(t).empty()) {
            EXPECT_GE(all.walked[i], least) << row;
        } else {
            EXPECT_EQ(all.walked[i], 0U) << row << " can be walked after all: take it off the list";
        }
    }
}

/// A quarter of the seeds, so that ctest can run the quarters side by side.
void run_part(std::uint64_t part) {
    const std::uint64_t first = from_environment("HAIVE_SIM_FIRST", 1);
    const std::uint64_t count = from_environment("HAIVE_SIM_SEEDS", usual_seeds);
    const std::uint64_t from = first + count * part / parts;
    const std::uint64_t end = first + count * (part + 1) / parts;
    Coverage all;
    int failures = 0;
    const std::clock_t began = std::clock();
    for (std::uint64_t seed = from; seed < end && failures < enough_failures; ++seed) {
        const Report report = run_seed(seed);
        all.add(report.coverage);
        for (const auto& broken : report.broken)
            ADD_FAILURE() << broken << "\n(HAIVE_SIM_SEED=" << seed << " replays it)";
        if (!report.broken.empty()) ++failures;
    }
    if (all.seeds == 0) return;
    print(all, static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC);
    if (failures == 0) check_coverage(all);
}

// ten_thousand_seeds and every_transition_is_walked, in quarters.
TEST(TenThousandSeeds, part_1_holds_and_walks_every_transition) { run_part(0); }
TEST(TenThousandSeeds, part_2_holds_and_walks_every_transition) { run_part(1); }
TEST(TenThousandSeeds, part_3_holds_and_walks_every_transition) { run_part(2); }
TEST(TenThousandSeeds, part_4_holds_and_walks_every_transition) { run_part(3); }

TEST(Simulation, the_same_seed_gives_the_same_trace) {
    constexpr std::uint64_t seeds = 200;
    std::uint64_t different = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const std::uint64_t hash = run_seed(seed).hash;
        EXPECT_EQ(hash, run_seed(seed).hash) << "seed " << seed;
        if (hash != run_seed(seed + 1).hash) ++different;
    }
    EXPECT_EQ(different, seeds) << "the hash sees the trace";
}

TEST(Simulation, replays_the_seed_in_HAIVE_SIM_SEED) {
    const std::uint64_t seed = from_environment("HAIVE_SIM_SEED", 0);
    const Report report = run_seed(seed == 0 ? 1 : seed, seed != 0);
    for (const auto& broken : report.broken) ADD_FAILURE() << broken;
}

}  // namespace
}  // namespace haive::mcp::chaos
