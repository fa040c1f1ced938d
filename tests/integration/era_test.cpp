// The whole client against a real server, in both eras.
#include "integration/support/served.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::ElementsAre;

struct EraCase {
    const char* server;
    EraPreference wish;
    Era expected;
};

class InEra : public ::testing::TestWithParam<EraCase> {
protected:
    static ConnectionOptions options() {
        ConnectionOptions out = quick();
        out.client.era = GetParam().wish;
        return out;
    }
    Served served{{"--era", GetParam().server, "--tools", "250", "--page", "40"}, StdioOptions(), options()};
};

TEST_P(InEra, EverythingWorks) {
    const auto client = served.connect();
    EXPECT_EQ(client->facts()->era, GetParam().expected);
    EXPECT_EQ(client->facts()->protocol_version, GetParam().expected == Era::modern ? "2026-07-28" : "2025-11-25");
    EXPECT_EQ(client->facts()->server_info.name, "haive-mcp-server");
    EXPECT_GE(client->list_tools().get().size(), 260U) << "all pages";
    EXPECT_EQ(served.text("echo", {{"text", "h\u00e9llo"}}), "h\u00e9llo");
    const auto sum = client->call_tool("add", {{"a", 1}, {"b", 2}}).get();
    ASSERT_TRUE(sum.structured_content.has_value());
    EXPECT_EQ(sum.structured_content->text(), R"({"sum":3})");
    EXPECT_EQ(client->list_resources().get().size(), 2U);
    EXPECT_EQ(client->list_resource_templates().get().size(), 1U);
    EXPECT_EQ(client->read_resource("test://text").get().contents.at(0).text, "Hello, world!");
    EXPECT_EQ(client->list_prompts().get().size(), 2U);
    EXPECT_EQ(client->get_prompt("greet", {{"name", "Ada"}}).get().messages.at(0).content.text, "Please greet Ada.");
    EXPECT_THAT(client->complete(CompleteRequest::for_prompt("greet", "name", "A")).get().values,
                ElementsAre("Ada", "Alan"));
    EXPECT_LT(to_seconds(client->ping().get()), 5);
    EXPECT_TRUE(served.connection.health_check().get().at("error").is_null());
}

TEST_P(InEra, FailuresAreToldApart) {
    const auto client = served.connect();
    EXPECT_TRUE(client->call_tool("fail").get().is_error) << "a tool's own failure is a value";
    EXPECT_THROW(client->call_tool("error", {{"code", -32050}, {"message", "no"}}).get(), MCPToolError);
    EXPECT_THROW(client->call_tool("no-such-tool").get(), MCPToolError);
    const auto refused = client->read_resource("test://nowhere").wait();
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().kind(), ErrorKind::rpc_error);
    EXPECT_EQ(refused.error().disposition(), Disposition::executed);
    EXPECT_TRUE(served.connection.is_connected());
}

TEST_P(InEra, AHundredCallsAtOnceGetTheirOwnAnswers) {
    const auto client = served.connect();
    std::vector<Async<CallToolResult>> calls;
    for (int i = 0; i < 100; ++i) calls.push_back(client->call_tool("add", {{"a", i}, {"b", 1}}));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get().text(), std::to_string(i + 1));
}

TEST_P(InEra, TheEraIsRememberedAcrossReconnects) {
    served.connect();
    kill(served.pid(), SIGKILL);
    ASSERT_TRUE(served.log->wait_ready(2)) << served.log->story();
    EXPECT_EQ(served.connection.get_client()->facts()->era, GetParam().expected);
    EXPECT_EQ(served.text("echo", {{"text", "again"}}), "again");
    ASSERT_TRUE(served.connection.prior_era().has_value());
    EXPECT_EQ(served.connection.prior_era()->era, GetParam().expected);
}

TEST_P(InEra, ToolsThatChangeAreListedAfresh) {
    const auto client = served.connect();
    const auto before = client->list_tools().get().size();
    EXPECT_EQ(client->list_tools().get().size(), before);
    (void)served.text("change_tools");
    EXPECT_EQ(client->list_tools().get().size(), before + 1);
    EXPECT_EQ(served.log->count_note("catalogue tools"), 1);
}

TEST_P(InEra, NotificationsReachTheirHandlersInEveryGeneration) {
    const auto client = served.connect();
    auto told = std::make_shared<std::atomic<int>>(0);
    const auto number =
        client->add_notification_handler("notifications/tools/list_changed", [told](const RawJson&) { ++*told; });
    (void)served.text("change_tools");
    EXPECT_TRUE(eventually([&] { return *told == 1; }));
    kill(served.pid(), SIGKILL);
    ASSERT_TRUE(served.log->wait_ready(2)) << served.log->story();
    EXPECT_TRUE(eventually([&] { return *told == 2; })) << "what was announced meanwhile may have been missed";
    (void)served.text("change_tools");
    EXPECT_TRUE(eventually([&] { return *told == 3; }));
    client->remove_notification_handler(number);
    (void)served.text("change_tools");
    (void)served.text("echo", {{"text", "what came before has been delivered"}});
    EXPECT_EQ(*told, 3);
}

TEST_P(InEra, SubscriptionsAndLogLevelOutliveTheServer) {
    const auto client = served.connect();
    auto updated = std::make_shared<std::atomic<int>>(0);
    client->add_notification_handler("notifications/resources/updated", [updated](const RawJson&) { ++*updated; });
    auto logged = std::make_shared<std::atomic<int>>(0);
    client->add_notification_handler("notifications/message", [logged](const RawJson&) { ++*logged; });
    const std::string uri = client->list_resources().get().at(0).uri;
    client->subscribe_resource(uri).get();
    client->set_log_level(LogLevel::info).get();
    kill(served.pid(), SIGKILL);
    ASSERT_TRUE(served.log->wait_ready(2)) << served.log->story();
    ASSERT_TRUE(eventually([&] { return *updated == 1; })) << "an update may have been missed";
    (void)served.text("touch", {{"uri", uri}});
    EXPECT_TRUE(eventually([&] { return *updated == 2; }));
    (void)served.text("log", {{"level", "error"}, {"text", "x"}});
    EXPECT_TRUE(eventually([&] { return *logged >= 1; }));
    client->unsubscribe_resource(uri).get();
    (void)served.text("touch", {{"uri", uri}});
    (void)served.text("echo", {{"text", "what came before has been delivered"}});
    EXPECT_EQ(*updated, 2);
}

TEST_P(InEra, ABareClientWorksWithoutAConnection) {
    ClientOptions options;
    options.era = GetParam().wish;
    const auto client = MCPClient::open(StdioTransport(HAIVE_TEST_SERVER, {"--era", GetParam().server}), options).get();
    const auto about = client->call_tool("args").get();
    const auto pid = static_cast<pid_t>(parse_json(about.text()).value().at("pid").as_int64());
    EXPECT_TRUE(is_alive(pid));
    client->close().get();
    EXPECT_FALSE(client->is_connected());
    EXPECT_TRUE(eventually([&] { return is_gone(pid); }));
}

INSTANTIATE_TEST_SUITE_P(Eras, InEra,
                         ::testing::Values(EraCase{"both", EraPreference::automatic, Era::modern},
                                           EraCase{"modern", EraPreference::automatic, Era::modern},
                                           EraCase{"modern", EraPreference::modern, Era::modern},
                                           EraCase{"legacy", EraPreference::automatic, Era::legacy},
                                           EraCase{"both", EraPreference::legacy, Era::legacy}),
                         [](const auto& info) {
                             return std::string(info.param.server) + "_" +
                                    (info.param.wish == EraPreference::automatic ? "found"
                                     : info.param.wish == EraPreference::modern  ? "wanted_modern"
                                                                                 : "wanted_legacy");
                         });

TEST(EraMismatch, EndsAtOnceAndIsNotTriedAgain) {
    ConnectionOptions options = quick();
    options.client.era = EraPreference::modern;
    Served served({"--era", "legacy"}, StdioOptions(), options);
    const auto failed = served.connection.connect().wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::no_common_version) << failed.error().to_string();
    EXPECT_EQ(served.phase(), "fatal");
}

TEST(EraMismatch, AServerThatIsSilentToTheProbeIsAskedTheOldWay) {
    ConnectionOptions options = quick();
    options.client.probe_timeout = Seconds(0.2);
    Served served({"--era", "legacy", "--silent-unknown"}, impatient(), options);
    EXPECT_EQ(served.connect()->facts()->era, Era::legacy);
}

TEST(EraMismatch, AWrongMemoryCostsARoundTripAndNoFailure) {
    for (const Era remembered : {Era::legacy, Era::modern}) {
        ConnectionOptions options = quick();
        options.client.prior_era = PriorEra(remembered, remembered == Era::modern ? "2026-07-28" : "2025-06-18");
        const bool is_modern = remembered == Era::legacy;
        Served served({"--era", is_modern ? "modern" : "legacy"}, StdioOptions(), options);
        const auto connected = served.connection.connect().wait();
        ASSERT_FALSE(connected.has_error()) << connected.error().to_string();
        EXPECT_EQ((*connected)->facts()->era, is_modern ? Era::modern : Era::legacy);
    }
}

}  // namespace
}  // namespace haive::mcp::testing
