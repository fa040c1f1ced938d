// Requests and answers over a plain connection that is kept alive.
#include "support/http_rig.hpp"
#include "support/loopback_server.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <vector>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

TEST(HttpRequests, AreAnsweredOverOneConnection) {
    LoopbackServer server(echo);
    HttpRig rig;
    const auto origin = rig.origin(server.port());
    for (int i = 0; i < 5; ++i) {
        const Reply reply = rig.ask(*origin, rig.post("hello " + std::to_string(i)));
        ASSERT_TRUE(reply.ok()) << reply.error_text();
        EXPECT_EQ(reply.status, 200);
        EXPECT_EQ(reply.body, "hello " + std::to_string(i));
        EXPECT_EQ(reply.timings.reused, i > 0);
        EXPECT_EQ(reply.end->sent, HttpSent::whole);
        EXPECT_TRUE(reply.end->head_seen);
    }
    EXPECT_EQ(server.accepted(), 1);
}

TEST(HttpRequests, OfABurstLeaveOneConnectionBehind) {
    std::atomic<int> closed{0};
    HttpRig rig;
    LoopbackServer server([&closed, runtime = rig.runtime](Peer& peer, int index) {
        echo(peer, index);
        ++closed;
        runtime->loop().post([] {});  // it may sleep
    });
    const auto origin = rig.origin(server.port());
    std::array<Reply, 3> replies;
    std::vector<std::unique_ptr<HttpOperation>> asked;
    for (Reply& reply : replies) asked.push_back(origin->start(rig.post(), reply));
    ASSERT_TRUE(rig.until([&] { return std::ranges::all_of(replies, &Reply::ok); }));
    ASSERT_EQ(server.accepted(), 3);
    // No call of a tool takes them after four seconds; what is harmless finds one.
    EXPECT_TRUE(rig.until([&] { return closed == 2; }));
    HttpRequest ping = rig.post();
    ping.harmless_twice = true;
    EXPECT_TRUE(rig.ask(*origin, std::move(ping)).timings.reused);
    EXPECT_EQ(server.accepted(), 3);
}

TEST(HttpRequests, SayWhatTheProtocolAsks) {
    std::promise<std::string> seen;
    LoopbackServer server([&](Peer& peer, int) {
        seen.set_value(peer.read_request());
        peer.write(answer("x"));
    });
    HttpRig rig;
    const auto origin = rig.origin(server.port());
    ASSERT_TRUE(rig.ask(*origin, rig.post("body")).ok());
    EXPECT_EQ(seen.get_future().get(), "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                                           "\r\nAccept-Encoding: gzip, deflate\r\nContent-Type: application/json\r\n"
                                           "Content-Length: 4\r\n\r\nbody");
}

TEST(HttpRequests, RefusedSaysWhereAndWhatToDo) {
    HttpRig rig;
    const std::uint16_t port = closed_port();
    const Reply reply = rig.ask(*rig.origin(port), rig.post());
    ASSERT_TRUE(reply.end && reply.end->error);
    const Error& error = *reply.end->error;
    EXPECT_EQ(error.kind(), ErrorKind::server_unavailable);
    EXPECT_EQ(error.attempt_class(), AttemptClass::retryable);
    EXPECT_EQ(error.disposition(), Disposition::not_sent);
    EXPECT_EQ(reply.end->sent, HttpSent::nothing);
    EXPECT_THAT(error.message(), HasSubstr("127.0.0.1:" + std::to_string(port)));
    EXPECT_THAT(error.message(), HasSubstr("refused"));
    EXPECT_THAT(error.details().mend, HasSubstr("is the server running"));
}

}  // namespace
}  // namespace haive::mcp::testing
