// Servers that end before they have said a word, or right after.
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

Error first_failure(Args args) {
    ConnectionOptions options = quick();
    options.auto_reconnect = false;
    Served served(std::move(args), StdioOptions(), options);
    const auto failed = served.connection.connect().wait();
    EXPECT_TRUE(failed.has_error());
    return failed.has_error() ? failed.error() : Error();
}

TEST(EarlyExit, TheErrorHasTheExitCodeAndTheStderr) {
    const Error error = first_failure({"--exit-before-handshake", "--exit-code", "7"});
    EXPECT_EQ(error.details().exit_code, 7);
    EXPECT_FALSE(error.details().exit_signal.has_value());
    EXPECT_THAT(error.details().stderr_tail, HasSubstr("configuration not found"));
    EXPECT_THAT(error.to_string(), HasSubstr("exit code 7"));
    EXPECT_EQ(error.details().server, "served");
}

TEST(EarlyExit, ExitCodeZeroIsAFailureToo) {
    const Error error = first_failure({"--exit-before-handshake", "--exit-code", "0"});
    EXPECT_EQ(error.details().exit_code, 0);
}

TEST(EarlyExit, DeathBySignalIsNamed) {
    const Error error = first_failure({"--exit-before-handshake", "--die-signal", "SEGV"});
    EXPECT_EQ(error.details().exit_signal, SIGSEGV);
    EXPECT_FALSE(error.details().exit_code.has_value());
    EXPECT_THAT(error.to_string(), HasSubstr("signal 11 (SIGSEGV)"));
}

TEST(EarlyExit, EndsAtOnceAndNotByATimeout) {
    for (const auto* name : {"KILL", "ABRT", "TERM"}) {
        EXPECT_LT(time_of([&] { first_failure({"--exit-before-handshake", "--die-signal", name}); }), 1s) << name;
    }
}

TEST(EarlyExit, AServerThatDiesOfTheEraProbeIsStartedAgainTheOldWay) {
    Served served({"--era", "legacy", "--die-on-discover"});
    const auto client = served.connect();
    EXPECT_EQ(client->facts()->era, Era::legacy);
    EXPECT_EQ(served.connection.get_info().metadata.at("error_count").to_number<int>(), 0)
        << "finding the era is no failure";
}

TEST(EarlyExit, AServerThatNeverAnswersEndsByTheConnectTimeout) {
    Served served({"--hang-at-start"}, impatient());
    pid_t pid = 0;
    const auto took = time_of([&] {
        auto connecting = served.connection.connect(Seconds(0.6));
        eventually([&] { return (pid = served.pid()) != 0; }, 500ms);
        const auto failed = connecting.wait();
        ASSERT_TRUE(failed.has_error());
        EXPECT_EQ(failed.error().kind(), ErrorKind::deadline_exceeded) << failed.error().to_string();
    });
    EXPECT_LT(took, 2s);
    served.connection.disconnect().get();
    EXPECT_TRUE(eventually([&] { return is_gone(pid); }));
}

TEST(EarlyExit, TheFailedAttemptLeavesNoProcessBehind) {
    ConnectionOptions options = quick();
    options.auto_reconnect = false;
    Served served({"--hang-at-start", "--spawn-child", "--spawn-escaped"}, impatient(), options);
    EXPECT_TRUE(served.connection.connect(Seconds(0.5)).wait().has_error());
    const pid_t child = served.lines->number_after("child");
    const pid_t escaped = served.lines->number_after("escaped");
    ASSERT_NE(child, 0);
    ASSERT_NE(escaped, 0);
    EXPECT_TRUE(eventually([&] { return is_gone(child) && is_gone(escaped); }));
}

}  // namespace
}  // namespace haive::mcp::testing
