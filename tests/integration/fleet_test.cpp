// A manager over real processes and sockets: hostile servers among good ones, and a thousand connections lost at once.
#include "haive/mcp/manager/manager.hpp"
#include "integration/support/listening_server.hpp"
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <sys/resource.h>
#include <thread>

namespace haive::mcp::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

UpstreamConfig child(const std::string& name, Args args = {}, const std::string& command = HAIVE_TEST_SERVER) {
    args.insert(args.begin(), {"--quiet", "--max-life", "240"});
    UpstreamConfig out;
    out.name = name;
    out.transport = std::make_shared<StdioTransport>(command, std::move(args));
    out.connection.reconnect_delay = Seconds(0.2);
    out.fingerprint = name + "1";
    return out;
}

std::map<std::string, UpstreamInfo> by_name(const MCPManager& manager) {
    std::map<std::string, UpstreamInfo> out;
    for (auto& each : manager.upstreams()) out.emplace(each.name, each);
    return out;
}

/// As a person's own configuration: no limit on how fast processes start, which is the schedule's own test.
ManagerOptions fast() {
    ManagerOptions out;
    out.runtime = Runtime::threaded();
    out.processes_per_second = 1000;
    return out;
}

TEST(Fleet, FourHostileServersAmongGoodOnesAreToldApartAndDelayNobody) {
    MCPManager manager(fast());
    std::vector<UpstreamConfig> servers;
    for (int i = 0; i < 28; ++i) servers.push_back(child("good" + std::to_string(i)));
    servers.insert(servers.begin(), child("silent", {"--hang-at-start"}));
    servers.insert(servers.begin() + 9, child("looping", {"--die-after-handshake"}));
    servers.insert(servers.begin() + 17, child("flooding", {"--notify-flood", "20000"}));
    servers.insert(servers.begin() + 25, child("missing", {}, "no-such-command-anywhere"));
    manager.apply(servers).get();
    auto starting = manager.start_all(20s);
    const auto ready = [&] {
        std::size_t n = 0;
        for (const auto& [name, info] : by_name(manager)) {
            n += name.starts_with("good") && info.freshness == Freshness::current ? 1 : 0;
        }
        return n;
    };
    EXPECT_TRUE(eventually([&] { return ready() == 28; }, 15s)) << ready();
    // The flooding one is called all the while.
    auto flood = manager.client("flooding")->call_tool("echo", {{"text", "x"}});
    for (int i = 0; i < 28; ++i) {
        EXPECT_EQ(manager.client("good" + std::to_string(i))->call_tool("echo", {{"text", "hi"}}).get().text(), "hi");
    }
    EXPECT_EQ(flood.get().text(), "x");
    ASSERT_TRUE(eventually(
        [&] { return by_name(manager)["looping"].connection.metadata.at("reconnects").to_number<int>() > 0; }));

    const auto table = by_name(manager);
    EXPECT_EQ(table.at("missing").connection.status, ConnectionStatus::error);
    EXPECT_THAT(table.at("missing").connection.last_error.value_or(""), HasSubstr("no-such-command-anywhere"));
    EXPECT_EQ(table.at("silent").connection.status, ConnectionStatus::connecting);
    EXPECT_NE(table.at("looping").connection.status, ConnectionStatus::disconnected);
    EXPECT_THAT(manager.explain("looping")->to_string(), HasSubstr("exit"));
    EXPECT_EQ(table.at("flooding").connection.status, ConnectionStatus::connected);
    EXPECT_FALSE(starting.is_done()) << "the silent one has its thirty seconds";
    const auto before = std::chrono::steady_clock::now();
    manager.close().get();
    EXPECT_LE(std::chrono::steady_clock::now() - before, 11s);
    EXPECT_THAT(manager.upstreams(), IsEmpty());
}

TEST(Fleet, AnEditUnderLoadTouchesOnlyWhatItChanged) {
    MCPManager manager(fast());
    std::vector<UpstreamConfig> servers;
    for (int i = 0; i < 10; ++i) servers.push_back(child("s" + std::to_string(i), {"--tools", std::to_string(i)}));
    manager.apply(servers).get();
    ASSERT_TRUE(manager.start_all(20s).get().ready());
    auto table = by_name(manager);
    std::map<std::string, std::int64_t> pids;
    for (const auto& [name, info] : table) pids[name] = info.connection.metadata.at("pid").to_number<std::int64_t>();

    std::atomic<bool> stop{false};
    std::atomic<int> answered{0};
    std::atomic<int> failed{0};
    std::vector<std::thread> callers;
    for (const char* name : {"s0", "s1", "s2", "s4", "s5", "s6", "s8", "s9"}) {
        callers.emplace_back([&, name] {
            const auto client = manager.client(name);
            while (!stop) {
                const auto reply = client->call_tool("echo", {{"text", name}}).wait();
                (reply.has_value() ? answered : failed)++;
            }
        });
    }
    for (int round = 0; round < 5; ++round) {
        servers[3] = child("s3", {"--tools", std::to_string(20 + round)});
        servers[3].fingerprint = "s3 round " + std::to_string(round);
        auto now = servers;
        if (round % 2 == 0) now.erase(now.begin() + 7);
        const auto report = manager.apply(now).get();
        EXPECT_THAT(report.changed, ElementsAre("s3"));
        EXPECT_EQ(report.removed.size(), round % 2 == 0 ? 1U : 0U);
        ASSERT_TRUE(eventually([&] {
            return by_name(manager)["s3"].freshness == Freshness::current &&
                   manager.catalogue()->find_tool("s3__echo") != nullptr;
        }));
    }
    const int so_far = answered;
    EXPECT_TRUE(eventually([&] { return answered > so_far + 200; }));
    stop = true;
    for (auto& caller : callers) caller.join();
    EXPECT_EQ(failed, 0);
    EXPECT_GT(answered, 200);
    table = by_name(manager);
    EXPECT_FALSE(table.contains("s7"));
    for (const auto& [name, info] : table) {
        const auto pid = info.connection.metadata.at("pid").to_number<std::int64_t>();
        if (name == "s3") {
            EXPECT_NE(pid, pids[name]);
        } else {
            EXPECT_EQ(pid, pids[name]) << name;
            EXPECT_EQ(info.connection.metadata.at("reconnects").to_number<int>(), 0) << name;
        }
    }
    EXPECT_TRUE(eventually([&] { return kill(static_cast<pid_t>(pids["s7"]), 0) != 0; })) << "it is gone for good";
    manager.close().get();
}

TEST(Fleet, AThousandSocketConnectionsLostAtOnceComeBackAtTwoHundredASecond) {
    constexpr std::size_t fleet = 1000;
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < fleet + 200) {
        files.rlim_cur = std::min<rlim_t>(files.rlim_max, fleet + 500);
        setrlimit(RLIMIT_NOFILE, &files);
    }
    if (files.rlim_cur < fleet + 200) GTEST_SKIP() << "no " << fleet + 200 << " open files are allowed here";

    TempFolder folder;
    const std::string path = folder.at("fleet.sock");
    auto server = std::make_unique<ListeningServer>(Args{"--unix", path});
    MCPManager manager(fast());
    std::vector<UpstreamConfig> servers;
    for (std::size_t i = 0; i < fleet; ++i) {
        UpstreamConfig each;
        each.name = "s" + std::to_string(i);
        each.transport = std::make_shared<UnixSocketTransport>(path);
        each.fingerprint = each.name;
        servers.push_back(std::move(each));
    }
    manager.apply(std::move(servers)).get();
    manager.start_all(60s).get();
    for (const auto& each : manager.upstreams()) {
        ASSERT_EQ(each.connection.status, ConnectionStatus::connected) << manager.explain(each.name)->to_string();
    }

    server->program().kill(SIGKILL);
    server->program().wait();
    const auto lost = std::chrono::steady_clock::now();
    server = std::make_unique<ListeningServer>(Args{"--unix", path});
    ASSERT_TRUE(eventually([&] { return manager.health().by_status["connected"] < fleet; }));
    ASSERT_TRUE(eventually([&] { return manager.health().by_status["connected"] == fleet; }, 60s));
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - lost).count();
    RecordProperty("back_after_s", std::to_string(took));
    std::printf("%zu connections back after %.2f s\n", fleet, took);
    // Never faster than the limit allows, however fast the machine: the burst, and then two hundred a second.
    EXPECT_GE(took, (static_cast<double>(fleet) - 100) / 200);

    std::vector<double> opened;
    for (const auto& each : manager.upstreams()) {
        const auto why = manager.explain(each.name);
        for (const auto& transition : why->transitions) {
            if (transition.to == "opening") opened.push_back(-transition.seconds_ago);
        }
    }
    std::ranges::sort(opened);
    ASSERT_GE(opened.size(), 2 * fleet);
    for (std::size_t i = opened.size() - fleet; i + 320 < opened.size(); ++i) {
        EXPECT_GT(opened[i + 320] - opened[i], 1.0) << "at opening " << i;
    }
    manager.close().get();
}

}  // namespace
}  // namespace haive::mcp::testing
