#include "exporters/scrape_answer.hpp"

#include "exporters/listen_address.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

std::string answer(std::string_view head) {
    return scrape_answer(head, [] { return std::string("metrics!\n"); });
}

TEST(ScrapeAnswer, gives_the_metrics_to_get_alone) {
    const std::string got = answer("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(got.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    EXPECT_TRUE(
        got.ends_with("Content-Length: 9\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\nmetrics!\n"));
    EXPECT_TRUE(answer("GET /metrics?x=1 HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200"));
    EXPECT_TRUE(answer("HEAD /metrics HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
    EXPECT_TRUE(answer("POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
    EXPECT_TRUE(answer("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
    EXPECT_TRUE(answer("\r\n\r\n").starts_with("HTTP/1.1 400"));
    EXPECT_TRUE(answer("GET /metrics\r\n\r\n").starts_with("HTTP/1.1 400"));
    EXPECT_TRUE(answer("nonsense \r\n\r\n").starts_with("HTTP/1.1 400"));
}

TEST(ListenAddress, is_the_loopback_unless_said_otherwise) {
    const auto text = [](std::string_view given) {
        const auto a = parse_listen_address(given);
        return a ? a->host + " " + a->port : "refused";
    };
    EXPECT_EQ(text("9464"), "127.0.0.1 9464");
    EXPECT_EQ(text(":9464"), "127.0.0.1 9464");
    EXPECT_EQ(text("0.0.0.0:0"), "0.0.0.0 0");
    EXPECT_EQ(text("[::1]:80"), "::1 80");
    EXPECT_EQ(text("::1:80"), "refused");
    EXPECT_EQ(text("host"), "refused");
    EXPECT_EQ(text("host:"), "refused");
    EXPECT_EQ(text("host:65536"), "refused");
    EXPECT_EQ(text("host:-1"), "refused");
    EXPECT_EQ(text(""), "refused");
}

}  // namespace
}  // namespace haive::mcp
