// A server that is gone for long: seldom asked, yet tried at once when somebody needs it (*use wakes it*).
#include "haive/mcp/connection/connection.hpp"
#include "support/step_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(DeadRemote, IsAskedSeldomInADay) {
    World w;
    auto c = w.connection();
    w.run(c.connect());
    w.run(c.start_monitoring());
    w.refuse_all();
    const int before = w.wire->attempts;
    w.wire->die();
    for (int hour = 0; hour < 24; ++hour) w.advance(1h);
    EXPECT_GE(w.wire->attempts - before, 5);
    EXPECT_LT(w.wire->attempts - before, 150);
    EXPECT_EQ(c.status(), ConnectionStatus::error);
}

TEST(DeadRemote, IsTriedAtOnceForACall) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    w.refuse_all();
    w.wire->die();
    w.advance(6h);
    w.accept_again();
    const TimePoint began = w.now();
    const auto answer = w.run(client->call_tool("echo"));
    EXPECT_FALSE(answer.is_error);
    EXPECT_LT(w.now() - began, 1s);
    EXPECT_EQ(c.status(), ConnectionStatus::connected);
}

TEST(DeadRemote, ACallThatWokeItInVainFailsFastAndSaysWhy) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    w.refuse_all();
    w.wire->die();
    w.advance(6h);
    const int before = w.wire->attempts;
    const TimePoint began = w.now();
    const auto failed = w.result(client->call_tool("echo"));
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::not_connected);
    EXPECT_EQ(failed.error().disposition(), Disposition::not_sent);
    EXPECT_THAT(failed.error().message(), HasSubstr("last failure"));
    EXPECT_EQ(w.wire->attempts - before, 1);
    EXPECT_LT(w.now() - began, 1s);
}

TEST(DeadRemote, ACallThatWillNotWaitWakesItAllTheSame) {
    World w;
    auto c = w.connection();
    auto client = w.run(c.connect());
    w.refuse_all();
    w.wire->die();
    w.advance(6h);
    w.accept_again();
    CallOptions at_once;
    at_once.wait_for_ready = false;
    EXPECT_TRUE(w.result(client->call_tool("echo", {}, at_once)).has_error());
    w.advance(1s);
    EXPECT_EQ(c.status(), ConnectionStatus::connected);
}

/// The pauses between attempts to reach a server that refuses each with this `Retry-After`.
std::vector<double> pauses_with(std::optional<Duration> retry_after) {
    World w;
    ConnectionOptions options;
    options.max_reconnect_attempts = 4;
    options.jitter = 0;
    auto c = w.connection(options);
    w.run(c.connect());
    auto attempts = std::make_shared<std::vector<TimePoint>>();
    w.wire->on_open = [attempts, retry_after, loop = w.rt.loop](int) {
        attempts->push_back(loop->now());
        Error error(ErrorKind::server_unavailable, "HTTP 503");
        error.edit().retry_after = retry_after;
        return error;
    };
    w.wire->die();
    for (int hour = 0; hour < 48; ++hour) w.advance(1h);
    std::vector<double> out;
    for (std::size_t i = 1; i < attempts->size(); ++i) out.push_back(to_seconds((*attempts)[i] - (*attempts)[i - 1]));
    return out;
}

TEST(DeadRemote, IsAskedNoEarlierThanItWishes) {
    using ::testing::AllOf;
    using ::testing::Each;
    using ::testing::ElementsAre;
    using ::testing::Ge;
    using ::testing::Le;
    EXPECT_THAT(pauses_with(std::nullopt), ElementsAre(2, 4, 8)) << "junk says nothing";
    EXPECT_THAT(pauses_with(90s), Each(AllOf(Ge(90), Le(99))));
    EXPECT_THAT(pauses_with(24h), Each(AllOf(Ge(300), Le(330)))) << "a day is cut to `retry_after_cap`";
    EXPECT_THAT(pauses_with(1s), ElementsAre(Ge(2), Ge(4), Ge(8))) << "never earlier than the backoff";
}

}  // namespace
}  // namespace haive::mcp::testing
