// The same requests and answers when TLS is between: what libcurl opened, and OpenSSL's session carries.
#include "support/http_rig.hpp"
#include "support/loopback_server.hpp"
#include "support/test_certificate.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <sys/socket.h>
#include <vector>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

class HttpTls : public ::testing::TestWithParam<int> {
protected:
    TestCertificate certificate_;
    std::shared_ptr<SSL_CTX> tls_ = certificate_.server(GetParam());
    std::unique_ptr<LoopbackServer> server_;
    HttpRig rig_;

    std::shared_ptr<HttpRequester> serve(LoopbackServer::Script script, bool trusted = true) {
        LoopbackOptions options;
        options.tls = tls_.get();
        server_ = std::make_unique<LoopbackServer>(std::move(script), options);
        if (trusted) rig_.options.ca_file = certificate_.ca_file();
        return rig_.origin(server_->port(), true);
    }
};

TEST_P(HttpTls, CarriesManyRequestsOverOneConnection) {
    const auto origin = serve(echo);
    for (int i = 0; i < 20; ++i) {
        const Reply reply = rig_.ask(*origin, rig_.post("hello " + std::to_string(i)));
        ASSERT_TRUE(reply.ok()) << reply.error_text();
        EXPECT_EQ(reply.body, "hello " + std::to_string(i));
        EXPECT_EQ(reply.timings.reused, i > 0);
    }
    EXPECT_EQ(server_->accepted(), 1);
}

TEST_P(HttpTls, CarriesManyConnectionsAtOnce) {
    const auto origin = serve(echo);
    std::array<Reply, 32> replies;
    std::vector<std::unique_ptr<HttpOperation>> asked;
    for (std::size_t i = 0; i < replies.size(); ++i) {
        asked.push_back(origin->start(rig_.post("call " + std::to_string(i)), replies[i]));
    }
    ASSERT_TRUE(rig_.until([&] { return std::ranges::all_of(replies, &Reply::ok); }));
    for (std::size_t i = 0; i < replies.size(); ++i) EXPECT_EQ(replies[i].body, "call " + std::to_string(i));
}

/// Many records each way, and a server that reads later than we write.
TEST_P(HttpTls, CarriesMegabytesBothWays) {
    const auto origin = serve(echo);
    std::string body(5 << 20, ' ');
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i * 7 % 26);
    for (int round = 0; round < 2; ++round) {
        const Reply reply = rig_.ask(*origin, rig_.post(body));
        ASSERT_TRUE(reply.ok()) << reply.error_text();
        EXPECT_TRUE(reply.body == body);
    }
    EXPECT_EQ(server_->accepted(), 1);
}

TEST_P(HttpTls, GoesOnWithNewKeys) {
    const auto origin = serve([](Peer& peer, int) {
        for (;;) {
            const std::string request = peer.read_request();
            if (request.empty()) return;
            peer.renew_keys();
            if (!peer.write(answer(request.substr(request.find("\r\n\r\n") + 4)))) return;
        }
    });
    for (int i = 0; i < 5; ++i) {
        const Reply reply = rig_.ask(*origin, rig_.post(std::string(40'000, 'k')));
        ASSERT_TRUE(reply.ok()) << reply.error_text();
        EXPECT_EQ(reply.body.size(), 40'000U);
    }
    EXPECT_EQ(server_->accepted(), 1);
}

TEST_P(HttpTls, AnAnswerUntilTheEndIsWholeWithAGoodbyeOrWithout) {
    const auto origin = serve([](Peer& peer, int index) {
        (void)peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\n\r\nall of it");
        if (index == 0) peer.close_write();  // a goodbye; else the socket just closes
    });
    for (int i = 0; i < 2; ++i) {
        const Reply reply = rig_.ask(*origin, rig_.post());
        EXPECT_TRUE(reply.ok()) << reply.error_text();
        EXPECT_EQ(reply.body, "all of it");
    }
}

TEST_P(HttpTls, AnEndInTheMiddleIsToldAsItIsWithoutTls) {
    const auto origin = serve([](Peer& peer, int) {
        (void)peer.read_request();
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of");
    });
    const Reply reply = rig_.ask(*origin, rig_.post());
    ASSERT_TRUE(reply.end && reply.end->error);
    EXPECT_EQ(reply.end->error->kind(), ErrorKind::connection_lost);
    EXPECT_THAT(reply.error_text(), HasSubstr("in the middle of its answer"));
    EXPECT_EQ(reply.end->sent, HttpSent::whole);
}

TEST_P(HttpTls, AConnectionThatTheServerClosedIsNotUsedAgain) {
    std::atomic<int> closed{0};
    const auto origin = serve([&closed, runtime = rig_.runtime](Peer& peer, int index) {
        (void)peer.read_request();
        peer.write(answer("once"));
        if (index % 2 == 0) peer.close_write();
        shutdown(peer.descriptor(), SHUT_RDWR);
        ++closed;
        runtime->loop().post([] {});  // it may sleep
    });
    for (int i = 0; i < 4; ++i) {
        const Reply reply = rig_.ask(*origin, rig_.post());
        EXPECT_TRUE(reply.ok()) << reply.error_text();
        EXPECT_FALSE(reply.timings.reused);
        ASSERT_TRUE(rig_.until([&] { return closed == i + 1; }));
    }
    EXPECT_EQ(server_->accepted(), 4);
}

TEST_P(HttpTls, WhomNobodyVouchesForIsNotSpokenTo) {
    const auto origin = serve(echo, false);
    const Reply reply = rig_.ask(*origin, rig_.post("a secret"));
    ASSERT_TRUE(reply.end && reply.end->error);
    EXPECT_EQ(reply.end->error->attempt_class(), AttemptClass::fatal);
    EXPECT_EQ(reply.end->sent, HttpSent::nothing);
    EXPECT_THAT(reply.error_text(), HasSubstr("certificate"));
}

INSTANTIATE_TEST_SUITE_P(Versions, HttpTls, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& param) { return param.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3"; });

}  // namespace
}  // namespace haive::mcp::testing
