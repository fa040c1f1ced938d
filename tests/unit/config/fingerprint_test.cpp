#include "haive/mcp/config/fingerprint.hpp"

#include "config/sha256.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace haive::mcp;

namespace {

std::string of(std::string_view entry, std::string_view frame_end = "}}") {
    const auto config = parse_config("{\"mcpServers\": {\"a\": " + std::string(entry) + std::string(frame_end), "f",
                                     [](std::string_view) { return std::optional<std::string>(); });
    EXPECT_TRUE(config.has_value()) << entry << config.error().message();
    return config.has_value() ? fingerprint(config->servers.front()) : "";
}

std::string hex(std::string_view text) {
    std::string out;
    char two[3];
    for (const auto byte : sha256(text)) {
        std::snprintf(two, sizeof two, "%02x", byte);
        out += two;
    }
    return out;
}

}  // namespace

TEST(Sha256, the_published_examples) {
    EXPECT_EQ(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hex(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Fingerprint, what_means_the_same_has_the_same) {
    const std::string plain = of(R"({"command": "x", "args": ["1"], "env": {"A": "1", "B": "2"}})");
    EXPECT_EQ(plain.size(), 32u);
    EXPECT_EQ(plain, of(R"({"env": {"B": 2, "A": "1"}, "type": "stdio", "args": ["1"], "command": "x"})"));
    EXPECT_EQ(plain, of(R"({"command": "x", "args": ["1"], "env": {"A": "1", "B": "2"}, "jitter": 0.5})"))
        << "an option at its default";
    EXPECT_EQ(of(R"({"command": "x", "jitter": 0})"), of(R"({"command": "x"})", R"(}, "defaults": {"jitter": 0}})"));
}

TEST(Fingerprint, any_difference_that_matters_shows) {
    const std::set<std::string> all{
        of(R"({"command": "x"})"),
        of(R"({"command": "y"})"),
        of(R"({"command": "x", "args": ["a b"]})"),
        of(R"({"command": "x", "args": ["a", "b"]})"),
        of(R"({"command": "x", "cwd": "/"})"),
        of(R"({"command": "x", "env": {"T": "secret-1"}})"),
        of(R"({"command": "x", "env": {"T": "secret-2"}})"),
        of(R"({"command": "x", "inherit_env": ["T"]})"),
        of(R"({"command": "x", "health_check_interval": 7})"),
        of(R"({"command": "x", "era": "legacy"})"),
        of(R"({"command": "x", "tools": ["a"]})"),
        of(R"({"command": "x", "start": "lazy"})"),
        of(R"({"command": "x", "prefix": ""})"),
        of(R"({"command": "x", "pool": true})"),
        of(R"({"command": "x", "pool": {"max_size": 2}})"),
        of(R"({"command": "x", "disabled": true})"),
        of(R"({"url": "https://h/"})"),
        of(R"({"url": "https://h/", "type": "sse"})"),
        of(R"({"url": "https://h/?key=1"})"),
        of(R"({"url": "https://h/", "headers": {"A": "1"}})"),
        of(R"({"url": "https://h/", "headers": {"A": "2"}})"),
        of(R"({"url": "wss://h/"})"),
        of(R"({"url": "unix:/a"})"),
        of(R"({"url": "unix:/b"})"),
        of(R"({"url": "unix:/b", "max_outbox_bytes": 2048})"),
        of(R"({"url": "tcp://h:1", "max_message_bytes": 2048})"),
        of(R"({"url": "tcp://h:1"})"),
        of(R"({"command": "x", "term_after": 1})"),
        of(R"({"command": "x", "stderr_bytes": 0})"),
        of(R"({"command": "x", "max_input_rounds": 1})"),
        of(R"({"command": "x"})", R"(}, "defaults": {"max_outbox_bytes": 2048}})"),
        of(R"({"url": "https://h/", "connect_timeout": 1})"),
        of(R"({"url": "https://h/", "event_stream": false})"),
        of(R"({"url": "https://h/"})", R"(}, "defaults": {"sse_fallback": false}})"),
    };
    EXPECT_EQ(all.size(), 34u);
}
