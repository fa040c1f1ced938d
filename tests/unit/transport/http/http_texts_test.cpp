#include "base/header_value.hpp"
#include "transport/http/answer_plan.hpp"
#include "transport/http/cookie_jar.hpp"
#include "transport/http/http_url.hpp"
#include "transport/http/retry_after_parser.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

TEST(HttpUrl, IsTakenApart) {
    const auto url = HttpUrl::parse("HTTPS://User:p%40ss@Host.Example:8443/a/b?x=1&y=%20#part");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "host.example");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->target, "/a/b?x=1&y=%20");
    EXPECT_EQ(url->user, "User");
    EXPECT_EQ(url->password, "p@ss");
    EXPECT_EQ(url->shown(), "https://host.example:8443/a/b");
    EXPECT_EQ(HttpUrl::parse("https://h/s/0a1b2c3d4e5f60718293/mcp?x")->shown(), "https://h/s/***/mcp");
    const auto bare = HttpUrl::parse("http://[::1]");
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->host, "::1");
    EXPECT_EQ(bare->port, 80);
    EXPECT_EQ(bare->target, "/");
    EXPECT_EQ(bare->origin(), "http://[::1]");
}

TEST(HttpUrl, WhatCannotBeUsedIsSaidWithoutSecrets) {
    for (const char* text : {"", "host", "ftp://host/", "http://", "http://host:0/", "http://host:99999/", "file:///x",
                             "http://user:secret@", "javascript:alert(1)"}) {
        const auto url = HttpUrl::parse(text);
        ASSERT_TRUE(url.has_error()) << text;
        EXPECT_EQ(url.error().attempt_class(), AttemptClass::fatal);
        EXPECT_EQ(url.error().to_string().find("secret"), std::string::npos);
    }
    for (const char* text : {"http://host/a b", "http://host/a\r\nX-Evil: 1", "http://host/\x80"}) {
        const auto url = HttpUrl::parse(text);
        if (url) EXPECT_EQ(url->target.find_first_of(" \r\n\x80"), std::string::npos) << text;
    }
}

TEST(HttpUrl, AHostThatReadsAsAnotherIsRefused) {
    for (const char* text : {"http://6%333/", "wss:/63%333", "http://%31%32%37.1/"}) {
        const auto url = HttpUrl::parse(text);
        if (url) EXPECT_EQ(HttpUrl::parse(url->origin() + "/")->host, url->host) << text;
    }
    EXPECT_TRUE(HttpUrl::parse("wss:/63%333").has_error());
    EXPECT_EQ(HttpUrl::parse("http://127.1/")->host, "127.0.0.1");
    EXPECT_EQ(HttpUrl::parse("http://[::1]:8/")->host, "::1");
    EXPECT_EQ(HttpUrl::parse("https://Host.Example/")->host, "host.example");
}

TEST(HttpUrl, ReferencesAreSeenFromItsPlace) {
    const auto base = HttpUrl::parse("http://host:8080/a/sse?x=1");
    ASSERT_TRUE(base);
    EXPECT_EQ(base->resolve("/message?sessionId=1")->shown(), "http://host:8080/message");
    EXPECT_EQ(base->resolve("message?sessionId=1")->target, "/a/message?sessionId=1");
    EXPECT_TRUE(base->same_origin(*base->resolve("../up")));
    EXPECT_FALSE(base->same_origin(*base->resolve("http://host:8081/")));
    EXPECT_FALSE(base->same_origin(*base->resolve("//evil.example/x")));
    EXPECT_FALSE(base->same_origin(*base->resolve("https://host:8080/a")));
}

TEST(RetryAfter, SecondsDatesAndJunk) {
    const std::string_view date = "Mon, 23 Nov 2026 10:00:00 GMT";
    EXPECT_EQ(parse_retry_after("120", date, 0), Duration(120s));
    EXPECT_EQ(parse_retry_after("0", date, 0), Duration(0s));
    EXPECT_EQ(parse_retry_after("Mon, 23 Nov 2026 10:01:30 GMT", date, 0), Duration(90s));
    EXPECT_EQ(parse_retry_after("Monday, 23-Nov-26 10:01:30 GMT", date, 0), Duration(90s));
    EXPECT_EQ(parse_retry_after("Mon, 23 Nov 2026 09:00:00 GMT", date, 0), std::nullopt);
    EXPECT_EQ(parse_retry_after("Thu, 01 Jan 1970 00:01:00 GMT", "", 20), Duration(40s));
    for (const char* junk : {"", "-5", "soon", "1.5", "12x", "0x10", " 5"}) {
        EXPECT_EQ(parse_retry_after(junk, date, 0), std::nullopt) << junk;
    }
    EXPECT_GT(*parse_retry_after("99999999999999999999999", date, 0), Duration(24h));
}

TEST(HeaderValue, IsEncodedOnlyWhereItMust) {
    EXPECT_EQ(encode_header_value("plain text, with: marks"), "plain text, with: marks");
    EXPECT_EQ(encode_header_value(""), "");
    EXPECT_EQ(encode_header_value("a\tb"), "a\tb");
    EXPECT_EQ(encode_header_value(" lead"), "=?base64?IGxlYWQ=?=");
    EXPECT_EQ(encode_header_value("trail "), "=?base64?dHJhaWwg?=");
    EXPECT_EQ(encode_header_value("a\r\nb"), "=?base64?YQ0KYg==?=");
    EXPECT_EQ(encode_header_value("日本"), "=?base64?5pel5pys?=");
    EXPECT_EQ(encode_header_value("=?base64?eA==?="), "=?base64?PT9iYXNlNjQ/ZUE9PT89?=");
}

TEST(AnswerPlan, WhatABodyIs) {
    const auto reading = [](int status, std::string_view type, bool to_request = true, std::string_view location = {}) {
        AnswerHead head;
        head.status = status;
        head.content_type = type;
        head.to_request = to_request;
        head.location = location;
        return reading_of(head);
    };
    EXPECT_EQ(reading(200, "application/json; charset=utf-8"), AnswerReading::message);
    EXPECT_EQ(reading(200, "Text/Event-Stream;x=y"), AnswerReading::events);
    EXPECT_EQ(reading(200, "application/problem+json"), AnswerReading::message);
    EXPECT_EQ(reading(200, ""), AnswerReading::message);
    EXPECT_EQ(reading(200, "text/html"), AnswerReading::foreign);
    EXPECT_EQ(reading(200, "text/html", false), AnswerReading::nothing);
    EXPECT_EQ(reading(202, ""), AnswerReading::nothing);
    EXPECT_EQ(reading(307, "", true, "/x"), AnswerReading::redirect);
    EXPECT_EQ(reading(304, ""), AnswerReading::refusal);
    EXPECT_EQ(reading(500, "application/json"), AnswerReading::refusal);
}

TEST(AnswerPlan, AttemptsThatTimeCannotMendAreFatal) {
    const auto attempt = [](int status, bool worked = false, std::string_view challenge = {}) {
        RefusalFacts facts;
        facts.status = status;
        facts.worked_before = worked;
        facts.www_authenticate = challenge;
        return refusal_error(facts).attempt_class();
    };
    for (const int status : {400, 403, 404, 405, 406, 415}) EXPECT_EQ(attempt(status), AttemptClass::fatal) << status;
    for (const int status : {408, 425, 429, 500, 502, 503}) EXPECT_EQ(attempt(status), AttemptClass::retryable);
    EXPECT_EQ(attempt(404, true), AttemptClass::retryable);
    EXPECT_EQ(attempt(401), AttemptClass::auth);
    EXPECT_EQ(attempt(403, false, "Bearer error=\"insufficient_scope\""), AttemptClass::auth);
}

TEST(CookieJar, KeepsWhatABalancerNeeds) {
    CookieJar jar;
    EXPECT_EQ(jar.line(), "");
    jar.take("b=2; Path=/; Secure");
    jar.take("a=1");
    EXPECT_EQ(jar.line(), "Cookie: a=1; b=2\r\n");
    jar.take("a=; Max-Age=0");
    jar.take("evil=x\r\nX: y");
    jar.take("=nameless");
    jar.take("no pair");
    EXPECT_EQ(jar.line(), "Cookie: b=2\r\n");
    for (int i = 0; i < 100; ++i) jar.take("c" + std::to_string(i) + "=v");
    EXPECT_LT(jar.line().size(), 400U);
}

}  // namespace
}  // namespace haive::mcp
