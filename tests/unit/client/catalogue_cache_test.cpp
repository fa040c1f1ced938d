#include "client/catalogue_cache.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;
using namespace std::chrono_literals;

namespace {
const TimePoint t0{std::chrono::hours(1)};
CatalogueCache::Policy lives(Duration d) {
    CatalogueCache::Policy p;
    p.time_to_live = d;
    return p;
}
CatalogueCache::Policy announced() {
    CatalogueCache::Policy p;
    p.announces_changes = true;
    return p;
}
}  // namespace

TEST(CatalogueCache, keeps_an_answer_for_its_time_to_live) {
    CatalogueCache c;
    c.store("tools/list", "{}", RawJson("A"), lives(10s), t0);
    ASSERT_NE(c.find("tools/list", "", t0 + 9s), nullptr);
    EXPECT_EQ(c.find("tools/list", "", t0 + 9s)->text(), "A");
    EXPECT_EQ(c.find("tools/list", "", t0 + 10s), nullptr);
}

TEST(CatalogueCache, does_not_keep_what_nobody_vouches_for) {
    CatalogueCache c;
    c.store("tools/list", "{}", RawJson("A"), {}, t0);
    c.store("prompts/list", "{}", RawJson("B"), lives(0s), t0);
    c.store("resources/list", "{}", RawJson("C"), lives(-5s), t0);
    EXPECT_EQ(c.size(), 0u);
}

TEST(CatalogueCache, a_change_notice_empties_only_what_it_is_about) {
    CatalogueCache c;
    c.store("tools/list", "{}", RawJson("A"), announced(), t0);
    c.store("tools/list", R"({"cursor":"x"})", RawJson("A2"), announced(), t0);
    c.store("prompts/list", "{}", RawJson("B"), announced(), t0);
    c.invalidate("tools");
    EXPECT_EQ(c.find("tools/list", "{}", t0), nullptr);
    EXPECT_EQ(c.find("tools/list", R"({"cursor":"x"})", t0), nullptr);
    EXPECT_NE(c.find("prompts/list", "{}", t0), nullptr);
}

TEST(CatalogueCache, parameters_are_part_of_the_key) {
    CatalogueCache c;
    c.store("tools/list", "{}", RawJson("page 1"), announced(), t0);
    EXPECT_EQ(c.find("tools/list", R"({"cursor":"x"})", t0), nullptr);
}

TEST(CatalogueCache, is_bounded_in_entries_and_in_time) {
    CatalogueCache c;
    for (std::size_t i = 0; i < 2 * CatalogueCache::max_entries; ++i) {
        c.store("tools/list", std::to_string(i), RawJson("A"), announced(), t0);
    }
    EXPECT_LE(c.size(), CatalogueCache::max_entries);
    c.store("tools/list", "{}", RawJson("A"), lives(std::chrono::hours(1000)), t0);
    EXPECT_EQ(c.find("tools/list", "{}", t0 + std::chrono::hours(25)), nullptr);
}
