#include "client/era_detector.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;
using Versions = std::vector<std::string>;

namespace {
constexpr auto automatic = EraPreference::automatic;
EraDetector fresh(EraPreference p = automatic, std::optional<PriorEra> prior = std::nullopt) {
    EraDetector d(p, std::move(prior));
    d.begin();
    return d;
}
}  // namespace

TEST(EraDetector, asks_the_newest_era_first) {
    EraDetector d(automatic, std::nullopt);
    EXPECT_EQ(d.begin(), EraStep::discover);
    EXPECT_EQ(d.version(), "2026-07-28");
}

TEST(EraDetector, a_discover_result_with_a_common_version_agrees) {
    auto d = fresh();
    EXPECT_EQ(d.on_discover_result(Versions{"2027-01-01", "2026-07-28"}), EraStep::agreed_modern);
    EXPECT_EQ(d.version(), "2026-07-28");
}

TEST(EraDetector, no_modern_overlap_or_garbage_means_legacy) {
    EXPECT_EQ(fresh().on_discover_result(Versions{"2025-11-25"}), EraStep::initialize);
    EXPECT_EQ(fresh().on_discover_result(std::nullopt), EraStep::initialize);
    EXPECT_EQ(fresh().on_discover_result(Versions{}), EraStep::initialize);
}

TEST(EraDetector, any_unrecognised_error_means_legacy) {
    for (const int code : {-32601, -32602, -32000, -32001, -32600, -32700, 0, 1, 404}) {
        EXPECT_EQ(fresh().on_discover_error(code, {}), EraStep::initialize) << code;
    }
}

TEST(EraDetector, a_complaint_of_a_modern_server_is_surfaced) {
    EXPECT_EQ(fresh().on_discover_error(-32020, {}), EraStep::failed);
    EXPECT_EQ(fresh().on_discover_error(-32021, {}), EraStep::failed);
}

TEST(EraDetector, unsupported_version_is_corrected_once_even_to_the_same_version) {
    auto d = fresh();
    EXPECT_EQ(d.on_discover_error(-32022, {"2026-07-28"}), EraStep::discover);
    EXPECT_EQ(d.on_discover_error(-32022, {"2026-07-28"}), EraStep::failed);
    ASSERT_TRUE(d.error());
    EXPECT_EQ(d.error()->kind(), ErrorKind::no_common_version);
    EXPECT_EQ(d.error()->attempt_class(), AttemptClass::fatal);
}

TEST(EraDetector, unsupported_version_without_a_mutual_one) {
    auto d = fresh();
    EXPECT_EQ(d.on_discover_error(-32022, {"2027-01-01"}), EraStep::failed);  // modern, but newer than we are
    EXPECT_EQ(d.error()->kind(), ErrorKind::no_common_version);
    EXPECT_EQ(fresh().on_discover_error(-32022, {"2025-06-18"}), EraStep::initialize);
    EXPECT_EQ(fresh().on_discover_error(-32022, {}), EraStep::initialize);
}

TEST(EraDetector, silence_and_death_go_on_with_initialize_on_a_fresh_channel) {
    for (const bool gone : {false, true}) {
        EraDetector d(automatic, std::nullopt);
        EXPECT_EQ(d.begin(), EraStep::discover);
        EXPECT_EQ(d.on_discover_silence(gone), EraStep::initialize_elsewhere);
        EXPECT_EQ(d.begin(), EraStep::initialize);
    }
}

TEST(EraDetector, accepts_every_legacy_version_and_no_modern_one_from_initialize) {
    for (const char* v : {"2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"}) {
        auto d = fresh(EraPreference::legacy);
        EXPECT_EQ(d.on_initialize_result(v), EraStep::agreed_legacy) << v;
        EXPECT_EQ(d.version(), v);
    }
    for (const char* v : {"2026-07-28", "1.0", "", "2099-01-01"}) {
        auto d = fresh(EraPreference::legacy);
        EXPECT_EQ(d.on_initialize_result(v), EraStep::failed) << v;
        EXPECT_EQ(d.error()->kind(), ErrorKind::no_common_version);
    }
}

TEST(EraDetector, a_preference_or_a_memory_for_legacy_skips_the_probe) {
    EXPECT_EQ(EraDetector(EraPreference::legacy, std::nullopt).begin(), EraStep::initialize);
    EXPECT_EQ(EraDetector(automatic, PriorEra(Era::legacy, "2025-11-25")).begin(), EraStep::initialize);
    EXPECT_EQ(EraDetector(automatic, PriorEra(Era::modern, "2026-07-28")).begin(), EraStep::discover);
}

TEST(EraDetector, a_wrong_memory_of_legacy_is_mended_by_the_servers_own_words) {
    EraDetector d(automatic, PriorEra(Era::legacy, "2025-11-25"));
    EXPECT_EQ(d.begin(), EraStep::initialize);
    EXPECT_EQ(d.on_initialize_error(-32022, {"2026-07-28"}), EraStep::discover);
    EXPECT_EQ(d.on_discover_result(Versions{"2026-07-28"}), EraStep::agreed_modern);
}

TEST(EraDetector, initialize_refused_twice_as_modern_ends) {
    EraDetector d(automatic, PriorEra(Era::legacy, "2025-11-25"));
    d.begin();
    EXPECT_EQ(d.on_initialize_error(-32022, {}), EraStep::discover);
    EXPECT_EQ(d.on_discover_error(-32601, {}), EraStep::initialize);
    EXPECT_EQ(d.on_initialize_error(-32022, {}), EraStep::failed);
}

TEST(EraDetector, pinned_to_modern_never_falls_back) {
    EXPECT_EQ(fresh(EraPreference::modern).on_discover_error(-32601, {}), EraStep::failed);
    EXPECT_EQ(fresh(EraPreference::modern).on_discover_silence(false), EraStep::failed);
    EXPECT_EQ(fresh(EraPreference::modern).on_discover_result(std::nullopt), EraStep::failed);
}
