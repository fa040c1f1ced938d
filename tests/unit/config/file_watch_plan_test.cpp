#include "config/file_watch_plan.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;
using namespace std::chrono_literals;

namespace {

FileIdentity version(std::int64_t n) { return {true, n, 1, 7, 100}; }

TimePoint at(Duration since) { return TimePoint{} + since; }

}  // namespace

TEST(FileWatchPlan, an_unchanged_file_is_only_looked_at) {
    FileWatchPlan plan(version(1), 200ms, 1s);
    const auto step = plan.looked(version(1), at(5s));
    EXPECT_FALSE(step.read);
    EXPECT_EQ(step.next, at(6s));
}

TEST(FileWatchPlan, a_changed_file_is_read_once_it_was_left_alone) {
    FileWatchPlan plan(version(1), 200ms, 1s);
    EXPECT_EQ(plan.looked(version(2), at(1s)).next, at(1200ms));
    EXPECT_EQ(plan.looked(version(3), at(1100ms)).next, at(1300ms)) << "written again";
    EXPECT_FALSE(plan.looked(version(3), at(1200ms)).read);
    const auto step = plan.looked(version(3), at(1300ms));
    EXPECT_TRUE(step.read);
    EXPECT_EQ(step.next, at(2300ms));
    EXPECT_FALSE(plan.looked(version(3), at(2300ms)).read) << "read once";
}

TEST(FileWatchPlan, a_file_that_is_never_left_alone_is_read_after_ten_settle_times) {
    FileWatchPlan plan(version(0), 200ms, 1s);
    int reads = 0;
    for (int i = 1; i <= 21; ++i) reads += plan.looked(version(i), at(i * 100ms)).read ? 1 : 0;
    EXPECT_EQ(reads, 1);
}

TEST(FileWatchPlan, a_replacement_passes_through_absence_without_being_reported_as_gone) {
    FileWatchPlan plan(version(1), 200ms, 1s);
    EXPECT_FALSE(plan.looked({}, at(1s)).read);
    EXPECT_FALSE(plan.looked(version(2), at(1050ms)).read);
    EXPECT_TRUE(plan.looked(version(2), at(1250ms)).read);
}

TEST(FileWatchPlan, a_file_that_stays_away_is_a_change_too) {
    FileWatchPlan plan(version(1), 200ms, 1s);
    EXPECT_FALSE(plan.looked({}, at(1s)).read);
    EXPECT_TRUE(plan.looked({}, at(1200ms)).read);
}

TEST(FileWatchPlan, a_change_that_was_taken_back_is_none) {
    FileWatchPlan plan(version(1), 200ms, 1s);
    EXPECT_FALSE(plan.looked(version(2), at(1s)).read);
    EXPECT_FALSE(plan.looked(version(1), at(1200ms)).read);
    EXPECT_FALSE(plan.looked(version(2), at(5s)).read) << "its time begins anew";
}
