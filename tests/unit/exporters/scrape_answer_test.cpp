#include "exporters/scrape_answer.hpp"

#include "exporters/listen_address.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

std::string answer(std::string_view head) {
    const ScrapeAnswer out = scrape_answer(head);
    return out.text + (out.metrics ? out.chunked ? "CHUNKS" : "METRICS" : "");
}

TEST(ScrapeAnswer, gives_the_metrics_to_get_alone) {
    const std::string got = answer("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(got.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    EXPECT_TRUE(got.ends_with("Transfer-Encoding: chunked\r\nX-Content-Type-Options: nosniff\r\n"
                              "Connection: close\r\n\r\nCHUNKS"));
    const std::string old = answer("GET /metrics?x=1 HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(old.starts_with("HTTP/1.1 200"));
    EXPECT_TRUE(old.ends_with("\r\n\r\nMETRICS"));
    EXPECT_EQ(old.find("Transfer-Encoding"), std::string::npos);
    EXPECT_TRUE(answer("HEAD /metrics HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
    EXPECT_TRUE(answer("POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
    EXPECT_TRUE(answer("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
    EXPECT_TRUE(answer("\r\n\r\n").starts_with("HTTP/1.1 400"));
    EXPECT_TRUE(answer("GET /metrics\r\n\r\n").starts_with("HTTP/1.1 400"));
    EXPECT_TRUE(answer("nonsense \r\n\r\n").starts_with("HTTP/1.1 400"));
}

TEST(ScrapeAnswer, a_chunk_says_its_size) {
    std::string out = "head";
    const std::size_t begun = begin_chunk(out);
    out += std::string(0x1a2b, 'x');
    end_chunk(out, begun);
    EXPECT_EQ(out, "head00001a2b\r\n" + std::string(0x1a2b, 'x') + "\r\n");
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
