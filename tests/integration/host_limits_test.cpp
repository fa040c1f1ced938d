// What a host program may be like: deaf to SIGPIPE or not, and short of descriptors.
#include "integration/support/program.hpp"
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Answers the old handshake, closes its input for good and lives on: the next write of ours meets EPIPE.
std::string deaf_server(const TempFolder& folder) {
    return folder.file("deaf", R"(#!/bin/sh
while read -r line; do
  case "$line" in
    *'"initialize"'*) echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25",'\
'"capabilities":{"tools":{}},"serverInfo":{"name":"deaf","version":"1"}}}' ;;
    *'notifications/initialized'*) exec 0<&- ; echo 'deaf now' >&2 ; exec sleep 30 ;;
  esac
done
)",
                       true);
}

TEST(BrokenPipe, DoesNotKillAHostThatTurnsItsOwnLoop) {
    TempFolder folder;
    Program host({HAIVE_TEST_HOST, "by-hand", deaf_server(folder)});
    EXPECT_EQ(host.finish(), 0) << "minus the signal that ended it\n" << host.output();
    EXPECT_THAT(host.output(), HasSubstr("survived"));
    EXPECT_THAT(host.output(), HasSubstr("failed connection_lost not_sent"));
}

TEST(BrokenPipe, IsALossWithTheTruthAboutTheCall) {
    TempFolder folder;
    ConnectionOptions options = quick();
    options.auto_reconnect = false;
    options.client.era = EraPreference::legacy;
    Served served({}, impatient(), options, deaf_server(folder));
    const auto client = served.connect();
    ASSERT_TRUE(eventually([&] { return !served.lines->all().empty(); }));
    const pid_t pid = served.pid();
    const auto failed = client->call_tool("echo", {{"text", "x"}}).wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::connection_lost) << failed.error().to_string();
    EXPECT_EQ(failed.error().disposition(), Disposition::not_sent);
    EXPECT_THAT(failed.error().message(), HasSubstr("closed its input"));
    EXPECT_TRUE(eventually([&] { return is_gone(pid); })) << "it is of no use any more";
}

void expect_heals_after(const std::string& mode) {
    Program host({HAIVE_TEST_HOST, mode, HAIVE_TEST_SERVER, "--quiet"});
    EXPECT_EQ(host.finish(40s), 0) << host.output();
    const std::string story = host.output();
    EXPECT_THAT(story, HasSubstr("failed server_unavailable")) << "no room is said as such";
    EXPECT_THAT(story, HasSubstr("oo many open files"));
    EXPECT_THAT(story, HasSubstr("ulimit -n"));
    EXPECT_THAT(story, Not(HasSubstr("failed invalid_command"))) << "time mends it: it is not the command's fault";
    EXPECT_THAT(story, Not(HasSubstr("meanwhile connected")));
    EXPECT_THAT(story, HasSubstr("later connected")) << "attempts go on until there is room";
    EXPECT_THAT(story, HasSubstr("done"));
}

class NoDescriptorsLeft : public ::testing::Test {
protected:
    void SetUp() override {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
        GTEST_SKIP() << "the sanitizer's own check of a virtual call needs a pipe, and here is none";
#endif
#endif
    }
};

TEST_F(NoDescriptorsLeft, IsSaidClearlyAndHealsWhenThereIsRoom) { expect_heals_after("no-room"); }

TEST_F(NoDescriptorsLeft, WithAGuardianAtWorkAlready) { expect_heals_after("no-room-warm"); }

}  // namespace
}  // namespace haive::mcp::testing
