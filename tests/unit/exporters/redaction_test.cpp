#include "haive/mcp/exporters/redaction.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

TEST(Redaction, takes_what_is_secret_and_leaves_the_rest) {
    const std::pair<const char*, const char*> cases[] = {
        {"connection refused", "connection refused"},
        {"attempt 3 of 5 failed: no answer within 30.0 s", "attempt 3 of 5 failed: no answer within 30.0 s"},
        {"GET https://user:pw@host.example/mcp?token=abc#x failed", "GET https://***@host.example/mcp?*** failed"},
        {"https://host/mcp", "https://host/mcp"},
        {"no https://h/api/s/0a1b2c3d4e5f60718293/mcp there", "no https://h/api/s/***/mcp there"},
        {"at 'wss://h:80?k=v'.", "at 'wss://h:80?***'."},
        {"Authorization: Bearer abc def\nnext", "Authorization: ***\nnext"},
        {"it said Bearer abc.def here", "it said Bearer *** here"},
        {"started with GITHUB_TOKEN=ghp_x and X=1 y=2", "started with GITHUB_TOKEN=***"},
        {"started with PATH=/usr/bin and y=2", "started with PATH=*** and y=2"},
        {R"({"api_key": "abc", "x": 1})", R"({"api_key": "***)"},
        {"the key sk-abcdefghijklmnopqrst was refused", "the key *** was refused"},
        {"cookie=a; b", "cookie=***"},
        {"Set-Cookie: a=b", "Set-Cookie: ***"},
        {"Mcp-Session-Id: 42", "Mcp-Session-Id: ***"},
        {"token", "token"},
        {"", ""},
    };
    for (const auto& [given, wanted] : cases) EXPECT_EQ(redacted(given), wanted);
}

TEST(Redaction, a_long_text_is_cut) { EXPECT_EQ(redacted(std::string(5000, 'x')).size(), 515U); }

TEST(Redaction, of_what_a_server_wrote_only_the_length_is_kept) {
    Event event;
    event.server = "s";
    OddityEvent oddity;
    oddity.kind = "junk";
    oddity.text = "hunter2";
    event.what = oddity;
    const auto out = redacted_json(event);
    EXPECT_FALSE(out.contains("text"));
    EXPECT_EQ(out.at("text_bytes").to_number<int>(), 7);
}

}  // namespace
}  // namespace haive::mcp
