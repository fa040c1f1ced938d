// Bytes on stdout that no message should hold: survived and counted.
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

/// Fails soon where a handshake drowns in the noise.
ConnectionOptions brief() {
    ConnectionOptions options = quick();
    options.connection_timeout = Seconds(2);
    return options;
}

/// Twelve calls of each kind; everything must come back as if the server were in order.
void expect_usual_service(Served& served) {
    const auto client = served.connect();
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 12; ++i) calls.push_back(client->call_tool("echo", {{"text", "text " + std::to_string(i)}}));
    for (int i = 0; i < 12; ++i) {
        EXPECT_EQ(calls[static_cast<std::size_t>(i)].get().text(), "text " + std::to_string(i));
    }
    EXPECT_EQ(served.text("add", {{"a", 2}, {"b", 40}}), "42");
    EXPECT_TRUE(client->call_tool("fail", {{"text", "as asked"}}).get().is_error);
    EXPECT_GE(client->list_tools().get().size(), 10U);
    EXPECT_EQ(served.generation(), 1U);
    EXPECT_TRUE(served.connection.is_healthy());
}

TEST(Noise, JunkLinesAreSkippedAndCounted) {
    Served served({"--junk", "--junk-start", "5"}, impatient(), brief());
    expect_usual_service(served);
    served.connection.health_check().get();
    EXPECT_GE(served.counter("junk_lines"), 19U);
    const auto info = served.connection.get_info();
    ASSERT_TRUE(info.metadata.contains("first_junk_line"));
    EXPECT_THAT(std::string(info.metadata.at("first_junk_line").as_string()), HasSubstr("Starting up"));
    EXPECT_GE(served.log->count_note("oddity junk_line"), 19);
}

TEST(Noise, TheCountersOfJunkAreFreshWithoutAnyHealthCheck) {
    Served served({"--junk"});
    served.connect();
    const auto before = served.counter("junk_lines");
    for (int i = 0; i < 3; ++i) (void)served.text("echo", {{"text", "x"}});
    EXPECT_EQ(served.counter("junk_lines"), before + 3);
}

TEST(Noise, NulBytesAreJunk) {
    Served served({"--nul"}, impatient(), brief());
    expect_usual_service(served);
    served.connection.health_check().get();
    EXPECT_GE(served.counter("junk_lines"), 12U);
}

TEST(Noise, AByteOrderMarkDoesNotHideTheFirstMessage) {
    Served served({"--bom"}, impatient(), brief());
    expect_usual_service(served);
}

TEST(Noise, ColourCodesAroundMessagesAreTakenOff) {
    Served served({"--ansi"}, impatient(), brief());
    expect_usual_service(served);
}

TEST(Noise, CarriageReturnsDoNoHarm) {
    Served served({"--crlf"}, impatient(), brief());
    expect_usual_service(served);
}

TEST(Noise, AllDecorationsTogether) {
    Served served({"--crlf", "--ansi", "--bom", "--junk", "--nul", "--unknown-answers", "--duplicate-answers"},
                  impatient(), brief());
    expect_usual_service(served);
}

TEST(Noise, AMessageMayComeInPieces) {
    Served served({"--half-line"}, impatient(), brief());
    expect_usual_service(served);
}

TEST(Noise, HalfALineAndSilenceEndsByTheCallsLimit) {
    Served served({"--half-line-hang", "2"}, impatient());
    served.connect();
    const auto failed = served.connection.get_client()->call_tool("echo", {{"text", "x"}}, within(Seconds(0.3))).wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::idle_timeout);
    EXPECT_EQ(failed.error().disposition(), Disposition::maybe_executed);
}

TEST(Noise, BytesThatAreNoUtf8FailOrPassButNeverBreakTheConnection) {
    Served served({"--bad-utf8"});
    const auto client = served.connect();
    const auto odd = client->call_tool("echo", {{"text", "x"}}).wait();
    if (odd.has_error()) {
        EXPECT_EQ(odd.error().disposition(), Disposition::executed) << odd.error().to_string();
    }
    EXPECT_GE(client->list_tools().get().size(), 10U);
    EXPECT_EQ(served.generation(), 1U);
}

TEST(Noise, AnswersThatComeTwiceCountOnce) {
    Served served({"--duplicate-answers"}, impatient(), brief());
    expect_usual_service(served);
    served.connection.health_check().get();
    EXPECT_GE(served.counter("late_replies"), 12U);
}

TEST(Noise, AnswersToNobodyAreNoted) {
    Served served({"--unknown-answers"}, impatient(), brief());
    expect_usual_service(served);
    EXPECT_GE(served.log->count_note("oddity stray_reply"), 12);
}

TEST(Noise, IdsThatCameBackAsTextStillFindTheirCalls) {
    Served served({"--string-ids"}, impatient(), brief());
    expect_usual_service(served);
}

TEST(Noise, ARequestWithTheIdOfACallIsAnsweredAsOne) {
    Served served({"--request-same-id", "--era", "legacy"}, impatient(), brief());
    expect_usual_service(served);
}

TEST(Noise, AFloodOfNotificationsDelaysNobodyElse) {
    Served noisy({"--notify-flood", "20000"});
    Served quiet;
    noisy.connect();
    const auto client = quiet.connect();
    auto flooding = noisy.connection.get_client()->call_tool("echo", {{"text", "x"}});
    const auto took = time_of([&] { EXPECT_EQ(quiet.text("echo", {{"text", "y"}}), "y"); });
    EXPECT_LT(took, 1s);
    EXPECT_EQ(flooding.get().text(), "x");
}

TEST(Noise, AnErrorWithoutAnIdDoesNotEndAnotherCall) {
    ConnectionOptions options = quick();
    options.client.era = EraPreference::legacy;  // the probe's error would have no id either: two seconds of silence
    Served served({"--id-null-errors"}, StdioOptions(), options);
    const auto client = served.connect();
    auto slow = client->call_tool("sleep", {{"ms", 300}});
    const auto failed = client->call_tool("error", {{"message", "whose?"}}, within(Seconds(1))).wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(slow.get().text(), "slept");
    EXPECT_EQ(served.text("echo", {{"text", "fine"}}), "fine");
}

}  // namespace
}  // namespace haive::mcp::testing
