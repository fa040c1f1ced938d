#include "client/dialect.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {
Request call(std::string params) {
    Request r;
    r.method = "tools/call";
    r.params = std::move(params);
    return r;
}
json::object parsed(const std::string& text) { return json::parse(text).as_object(); }
}  // namespace

TEST(Dialect, legacy_without_progress_adds_nothing) {
    EXPECT_EQ(Dialect::legacy("2025-11-25").request(7, call(R"({"name":"x"})"), false),
              R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"x"}})");
    EXPECT_EQ(Dialect::legacy("2025-11-25").request(7, call(""), false),
              R"({"jsonrpc":"2.0","id":7,"method":"tools/call"})");
}

TEST(Dialect, the_progress_token_is_the_request_id) {
    EXPECT_EQ(Dialect::legacy("2025-11-25").request(7, call(R"({"name":"x"})"), true),
              R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{"progressToken":7},"name":"x"}})");
}

TEST(Dialect, modern_puts_the_envelope_on_every_request) {
    const Dialect d = Dialect::modern("2026-07-28", R"({"roots":{}})", R"({"name":"n","version":"1"})");
    for (const char* params : {"", "{}", "{ }", R"({"a":1})"}) {
        const auto meta = parsed(d.request(1, call(params), true)).at("params").at("_meta").as_object();
        EXPECT_EQ(meta.at("io.modelcontextprotocol/protocolVersion"), "2026-07-28") << params;
        EXPECT_EQ(meta.at("io.modelcontextprotocol/clientCapabilities"), json::parse(R"({"roots":{}})"));
        EXPECT_EQ(meta.at("io.modelcontextprotocol/clientInfo").at("name"), "n");
        EXPECT_EQ(meta.at("progressToken"), 1);
    }
}

TEST(Dialect, user_meta_is_merged_and_reserved_keys_are_ours) {
    Request r = call(R"({"a":1})");
    r.options.meta = {
        {"traceparent", "00-ab"}, {"progressToken", "mine"}, {"io.modelcontextprotocol/protocolVersion", "9"}};
    const auto message = parsed(Dialect::modern("2026-07-28", "{}", "{}").request(3, r, true));
    const auto& meta = message.at("params").at("_meta").as_object();
    EXPECT_EQ(meta.at("traceparent"), "00-ab");
    EXPECT_EQ(meta.at("progressToken"), 3);
    EXPECT_EQ(meta.at("io.modelcontextprotocol/protocolVersion"), "2026-07-28");
    EXPECT_EQ(message.at("params").at("a"), 1);
}

TEST(Dialect, params_go_out_byte_for_byte) {
    const std::string odd = R"("arguments":{"n": 1.0e+00,"big":123456789012345678901234567890})";
    EXPECT_NE(Dialect::legacy("2025-11-25").request(1, call("{" + odd + "}"), true).find(odd), std::string::npos);
}

TEST(Dialect, cancelling_names_the_request) {
    const auto m = parsed(Dialect::legacy("x").cancelled(5, "why \"so\""));
    EXPECT_EQ(m.at("method"), "notifications/cancelled");
    EXPECT_EQ(m.at("params").at("requestId"), 5);
    EXPECT_EQ(m.at("params").at("reason"), "why \"so\"");
}
