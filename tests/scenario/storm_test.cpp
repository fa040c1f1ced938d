// A whole fleet lost in one moment: it comes back at a bounded rate, soon, and quietly.
#include "support/fleet_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

TEST(Storm, TenThousandServersComeBackAtTwoHundredASecond) {
    constexpr std::size_t fleet = 10000;
    FleetWorld w;
    std::vector<UpstreamConfig> entries;
    for (std::size_t i = 0; i < fleet; ++i) entries.push_back(w.entry("s" + std::to_string(i)));
    w.run(w.manager->apply(std::move(entries)));
    w.run(w.manager->start_all(120s));
    ASSERT_EQ(w.manager->health().by_status["connected"], fleet);
    w.advance(10min);  // stable: an outage from now on is a new one
    w.events->take();
    for (auto& [name, server] : w.servers) server.wire->attempt_times.clear();

    const TimePoint lost = w.now();
    for (auto& [name, server] : w.servers) server.wire->die();
    w.advance(61s);  // the first delay, and 1.2 times fifty seconds

    EXPECT_EQ(w.manager->health().by_status["connected"], fleet);
    std::vector<TimePoint> opens;
    for (const auto& [name, server] : w.servers) {
        opens.insert(opens.end(), server.wire->attempt_times.begin(), server.wire->attempt_times.end());
    }
    std::ranges::sort(opens);
    EXPECT_EQ(opens.size(), fleet) << "each tried once";
    EXPECT_LE(opens.back() - lost, 60s);
    // Within any second: the burst of a hundred, and two hundred that the second brought; five in a hundred more.
    for (std::size_t i = 0; i + 310 < opens.size(); ++i) ASSERT_GT(opens[i + 310] - opens[i], 1s) << i;
    for (std::size_t i = 400; i + 210 < opens.size(); ++i) ASSERT_GT(opens[i + 210] - opens[i], 1s) << i;

    std::map<std::string, std::size_t> lines;
    for (const auto& line : w.events->take()) {
        if (line.find("->") != std::string::npos) ++lines[line];
    }
    EXPECT_GE(lines.size(), 4U);
    for (const auto& [what, count] : lines) EXPECT_LE(count, fleet) << what << ": one a transition";
    RecordProperty("last_open_s", std::to_string(to_seconds(opens.back() - lost)));
}

}  // namespace
}  // namespace haive::mcp::testing
