// Much through narrow pipes: no side may wait for the other.
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

constexpr std::size_t ten_megabytes = std::size_t{10} << 20;

TEST(BigMessages, TenMegabytesGoBothWays) {
    Served served;
    served.connect();
    std::string text(ten_megabytes, 'x');
    text.replace(ten_megabytes / 2, 8, "\xc3\xa9\"\\\n\t\x01");
    const auto took = time_of([&] { EXPECT_TRUE(served.text("echo", {{"text", text}}) == text); });
    EXPECT_LT(took, 5s);
}

TEST(BigMessages, ManyBigOnesAtOnceAllArrive) {
    Served served;
    const auto client = served.connect();
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 8; ++i) calls.push_back(client->call_tool("big", {{"bytes", 3 << 20}}));
    for (int i = 0; i < 50; ++i) calls.push_back(client->call_tool("echo", {{"text", "small"}}));
    for (int i = 0; i < 8; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get().text().size(), std::size_t{3} << 20);
    for (std::size_t i = 8; i < calls.size(); ++i) EXPECT_EQ(calls[i].get().text(), "small");
}

TEST(BigMessages, OneMegabyteOfStderrWithEveryCall) {
    Served served({"--stderr-flood", "1048576", "--stderr-flood-start", "1048576"});
    const auto client = served.connect();
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 20; ++i) calls.push_back(client->call_tool("big", {{"bytes", 200000}}));
    for (auto& call : calls) EXPECT_EQ(call.get().text().size(), 200000U);
    const auto info = served.connection.get_info();
    EXPECT_LE(info.metadata.at("stderr_tail").as_string().size(), 4096U);
}

TEST(BigMessages, ABigRequestToAServerThatAnswersFirstThings) {
    // The server writes 3 MiB while we write 3 MiB: neither may stop reading.
    Served served;
    const auto client = served.connect();
    auto coming = client->call_tool("big", {{"bytes", 3 << 20}});
    auto going = client->call_tool("echo", {{"text", std::string(std::size_t{3} << 20, 'u')}});
    EXPECT_EQ(coming.get().text().size(), std::size_t{3} << 20);
    EXPECT_EQ(going.get().text().size(), std::size_t{3} << 20);
}

StdioOptions at_most(std::size_t bytes) {
    StdioOptions options;
    options.max_message_bytes = bytes;
    return options;
}

TEST(OversizedAnswer, FailsOnlyItsOwnCall) {
    for (const auto* era : {"legacy", "modern"}) {
        Served served({"--era", era}, at_most(64 << 10));
        const auto client = served.connect();
        auto slow = client->call_tool("sleep", {{"ms", 200}});
        const auto failed = client->call_tool("big", {{"bytes", 1 << 20}}).wait();
        ASSERT_TRUE(failed.has_error());
        EXPECT_EQ(failed.error().kind(), ErrorKind::response_too_large) << failed.error().to_string();
        EXPECT_EQ(failed.error().disposition(), Disposition::executed);
        EXPECT_FALSE(failed.error().details().mend.empty());
        EXPECT_EQ(slow.get().text(), "slept");
        EXPECT_EQ(served.text("echo", {{"text", "goes on"}}), "goes on");
        EXPECT_EQ(served.generation(), 1U);
        EXPECT_EQ(served.log->count_note("oddity oversized_message"), 1);
        EXPECT_EQ(served.counter("oversized_messages"), 1U);
    }
}

TEST(OversizedAnswer, OneByteMoreThanAllowedAndTheLimitItself) {
    // The answer's envelope: find its size with one call, then set the limit exactly.
    Served probe({"--era", "legacy"});
    probe.connect();
    (void)probe.text("big", {{"bytes", 100000}});
    for (const long extra : {0L, 1L}) {
        const std::size_t envelope =
            std::string(R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":""}]}})").size();
        Served served({"--era", "legacy"}, at_most(envelope + 100000));
        const auto client = served.connect();
        // Ids of one digit keep the envelope's size.
        const auto result = client->call_tool("big", {{"bytes", 100000 + extra}}).wait();
        EXPECT_EQ(result.has_error(), extra == 1);
    }
}

TEST(OversizedAnswer, ManyInARowDoNotWearTheConnectionOut) {
    Served served({}, at_most(32 << 10));
    const auto client = served.connect();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(client->call_tool("big", {{"bytes", 100000 + i}}).wait().error().kind(),
                  ErrorKind::response_too_large);
    }
    EXPECT_EQ(served.text("echo", {{"text", "fine"}}), "fine");
    EXPECT_GT(served.connection.health().score, 0.7);
}

}  // namespace
}  // namespace haive::mcp::testing
