#include "haive/mcp/protocol/versions.hpp"

#include "haive/mcp/protocol/error_codes.hpp"
#include "haive/mcp/protocol/methods.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace haive::mcp;

TEST(Versions, eras_are_told_apart_by_the_date) {
    static_assert(is_modern("2026-07-28") && is_modern("2027-01-01"));
    static_assert(!is_modern("2025-11-25") && !is_modern("2026-07-27"));
    for (const char* odd : {"", "1.0", "draft", "DRAFT-2026", "zzzz-zz-zz", "2026-07-28x"}) {
        EXPECT_FALSE(is_modern(odd)) << odd;
    }
    EXPECT_EQ(era_of(latest_modern_version), Era::modern);
    EXPECT_EQ(era_of(latest_legacy_version), Era::legacy);
}

// P4: "1.0" is no MCP revision, and what we offer is one.
TEST(Versions, P4_revisions_are_dates_that_the_specification_has) {
    EXPECT_EQ(latest_legacy_version, "2025-11-25");
    EXPECT_FALSE(is_supported_legacy("1.0"));
    EXPECT_FALSE(is_supported_modern("1.0"));
    EXPECT_TRUE(is_supported_legacy("2024-11-05"));
    EXPECT_FALSE(is_supported_legacy("2026-07-28"));
    EXPECT_TRUE(is_supported_modern("2026-07-28"));
}

// P4: notifications have the names of the specification.
TEST(Methods, P4_notifications_are_spelt_in_full) {
    EXPECT_NE(find_method("notifications/initialized"), nullptr);
    EXPECT_EQ(find_method("initialized"), nullptr);
}

TEST(Methods, each_era_has_its_own) {
    EXPECT_TRUE(method_allowed("tools/call", Era::legacy) && method_allowed("tools/call", Era::modern));
    for (const char* gone : {"initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
                             "notifications/initialized", "notifications/roots/list_changed", "tasks/result",
                             "tasks/list", "notifications/progress"}) {
        EXPECT_TRUE(method_allowed(gone, Era::legacy)) << gone;
        EXPECT_FALSE(method_allowed(gone, Era::modern)) << gone;
    }
    for (const char* fresh : {"server/discover", "subscriptions/listen", "tasks/update"}) {
        EXPECT_FALSE(method_allowed(fresh, Era::legacy)) << fresh;
        EXPECT_TRUE(method_allowed(fresh, Era::modern)) << fresh;
    }
    EXPECT_TRUE(method_allowed("acme/custom", Era::legacy) && method_allowed("acme/custom", Era::modern));
}

TEST(Methods, cacheable_lists_and_protocol_reads) {
    for (const char* list : {"tools/list", "prompts/list", "resources/list", "resources/templates/list"}) {
        EXPECT_TRUE(is_cacheable(list) && is_cacheable_list(list) && is_protocol_read(list)) << list;
    }
    for (const char* other : {"server/discover", "resources/read"}) {
        EXPECT_TRUE(is_cacheable(other)) << other;
        EXPECT_FALSE(is_cacheable_list(other)) << other;
    }
    for (const char* never : {"tools/call", "tasks/update", "acme/custom", "subscriptions/listen"}) {
        EXPECT_FALSE(is_protocol_read(never) || is_cacheable(never)) << never;
    }
    EXPECT_FALSE(is_cacheable_list("tasks/list"));
}

TEST(ErrorCodes, a_missing_resource_has_two_numbers) {
    EXPECT_TRUE(rpc_code::means_resource_not_found(-32002));
    EXPECT_TRUE(rpc_code::means_resource_not_found(-32602));
    EXPECT_FALSE(rpc_code::means_resource_not_found(-32601));
}
