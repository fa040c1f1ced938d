// Our client and the built-in server over each way that they have in common.
#include "haive/mcp/client.hpp"
#include "haive/mcp/config/server_url.hpp"
#include "integration/support/listening_server.hpp"
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

struct Way {
    const char* name;
    const char* option;
    const char* type;
};

class BuiltinServerTransports : public ::testing::TestWithParam<Way> {};

TEST_P(BuiltinServerTransports, CarryCallsBothSmallAndBig) {
    const Way& way = GetParam();
    const TempFolder folder;
    const bool is_unix = std::string_view(way.option) == "--unix";
    ListeningServer server({way.option, is_unix ? folder.at("s") : "0"});
    auto transport = transport_for_url(server.url(), way.type, HttpOptions());
    ASSERT_TRUE(transport.has_value());
    MCPConnection connection("far", *transport, quick());
    const auto client = connection.connect().get();
    EXPECT_EQ(client->call_tool("echo", {{"text", "hello"}}).get().text(), "hello");
    const std::string big(3'000'000, 'x');
    EXPECT_EQ(client->call_tool("echo", {{"text", big}}).get().text(), big);
    connection.disconnect().get();
}

INSTANTIATE_TEST_SUITE_P(All, BuiltinServerTransports,
                         ::testing::Values(Way{"http", "--http", "http"}, Way{"sse", "--sse", "sse"},
                                           Way{"tcp", "--tcp", ""}, Way{"websocket", "--websocket", ""},
                                           Way{"unix", "--unix", ""}),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace haive::mcp::testing
