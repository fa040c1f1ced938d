// The configuration file of a running fleet is edited under load: only what an edit changed is touched.
#include "haive/mcp/config/watch.hpp"
#include "haive/mcp/manager/manager.hpp"
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace haive::mcp::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A configuration file as a person would keep it; the servers are the built-in one, told apart by their arguments.
class EditedFile {
public:
    explicit EditedFile(int count) {
        for (int i = 0; i < count; ++i) set("s" + std::to_string(i), "1");
    }
    void set(const std::string& name, const std::string& tools) { entries_[name] = tools; }
    void erase(const std::string& name) { entries_.erase(name); }
    void save(const std::string& comment = {}) const {
        std::string text = comment + R"({"defaults": {"reconnect_delay": 0.2, "jitter": 0}, "mcpServers": {)";
        const char* between = "\n";
        for (const auto& [name, tools] : entries_) {
            text += std::exchange(between, ",\n") + ('"' + name) +
                    R"(": {"command": ")" HAIVE_TEST_SERVER
                    R"(", "args": ["--quiet", "--max-life", "240", "--tools", ")" +
                    tools + "\"]}";
        }
        save_text(text + "\n}}\n");
    }
    void save_text(const std::string& text) const { (void)folder_.file("mcp.json", text); }
    [[nodiscard]] std::string path() const { return folder_.at("mcp.json"); }

private:
    TempFolder folder_;
    std::map<std::string, std::string> entries_;
};

/// What came of each edit, in order.
class Edits {
public:
    void add(Result<ApplyReport> result) {
        const std::lock_guard hold(mutex_);
        results_.push_back(std::move(result));
        changed_.notify_all();
    }
    /// The edit of that number, from 0; waits for it.
    Result<ApplyReport> get(std::size_t number) {
        std::unique_lock hold(mutex_);
        if (!changed_.wait_for(hold, 20s, [&] { return results_.size() > number; })) {
            return Error(ErrorKind::deadline_exceeded, "the edit was not noticed");
        }
        return results_[number];
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Result<ApplyReport>> results_;
};

/// Calls one server after the other without a pause, each from a thread of its own.
class Load {
public:
    Load(MCPManager& manager, const std::vector<std::string>& names) {
        for (const auto& name : names) {
            threads_.emplace_back([this, client = manager.client(name)] {
                while (!stop_) {
                    const auto reply = client->call_tool("echo", {{"text", "x"}}).wait();
                    ++(reply.has_error() ? failed_ : answered_);
                }
            });
        }
    }
    ~Load() { stop(); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    void stop() {
        stop_ = true;
        for (auto& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
    }
    [[nodiscard]] int answered() const { return answered_; }
    [[nodiscard]] int failed() const { return failed_; }

private:
    std::atomic<bool> stop_{false};
    std::atomic<int> answered_{0};
    std::atomic<int> failed_{0};
    std::vector<std::thread> threads_;
};

/// The fleet as the command runs it: a watch that applies what it reads.
class LiveFleet {
public:
    explicit LiveFleet(const EditedFile& file) {
        ManagerOptions options;
        options.runtime = runtime_;
        options.processes_per_second = 1000;
        manager = std::make_unique<MCPManager>(std::move(options));
        manager->set_event_listener([this](const Event& event) {
            const auto* status = std::get_if<StatusEvent>(&event.what);
            if (status == nullptr) return;
            const std::lock_guard hold(mutex_);
            if (status->to == "connected") ++connected_[std::string(event.server)];
            changed_.notify_all();
        });
        watch_ = std::make_unique<ConfigWatch>(
            runtime_, file.path(),
            [this](const Result<Config>& config) {
                if (config.has_error()) return edits.add(config.error());
                manager->apply(config->upstreams()).then([this](Result<ApplyReport> report) {
                    edits.add(std::move(report));
                });
            },
            ConfigWatchOptions{.settle = Seconds(0.02), .poll = Seconds(60), .initial = true});
    }
    ~LiveFleet() {
        watch_.reset();
        manager->close().get();
        manager->set_event_listener(nullptr);
    }
    LiveFleet(const LiveFleet&) = delete;
    LiveFleet& operator=(const LiveFleet&) = delete;

    int times_connected(const std::string& name) {
        const std::lock_guard hold(mutex_);
        return connected_[name];
    }
    bool wait_connected(const std::string& name, int times) {
        std::unique_lock hold(mutex_);
        return changed_.wait_for(hold, 20s, [&] { return connected_[name] >= times; });
    }
    std::map<std::string, pid_t> pids() const {
        std::map<std::string, pid_t> out;
        for (const auto& each : manager->upstreams()) {
            const auto* pid = each.connection.metadata.if_contains("pid");
            out[each.name] = pid == nullptr ? 0 : static_cast<pid_t>(pid->to_number<std::int64_t>());
        }
        return out;
    }

private:
    std::shared_ptr<Runtime> runtime_ = Runtime::threaded();
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, int> connected_;
    std::unique_ptr<ConfigWatch> watch_;

public:
    Edits edits;
    std::unique_ptr<MCPManager> manager;
};

void expect_untouched(const Result<ApplyReport>& report, std::size_t servers) {
    ASSERT_TRUE(report.has_value()) << report.error().to_string();
    EXPECT_THAT(report->added, IsEmpty());
    EXPECT_THAT(report->changed, IsEmpty());
    EXPECT_THAT(report->removed, IsEmpty());
    EXPECT_THAT(report->unchanged, SizeIs(servers));
}

TEST(LiveEdit, FiveEditsUnderLoadTouchOnlyWhatTheyChanged) {
    EditedFile file(10);
    file.save();
    LiveFleet fleet(file);
    ASSERT_THAT(fleet.edits.get(0)->added, SizeIs(10));
    ASSERT_TRUE(fleet.manager->start_all(30s).get().ready());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(fleet.wait_connected("s" + std::to_string(i), 1)) << i;
    auto before = fleet.pids();
    const std::vector<std::string> steady{"s0", "s1", "s2", "s4", "s5", "s6", "s8"};
    Load load(*fleet.manager, steady);

    file.set("s3", "7");  // one: changed
    file.save();
    auto report = fleet.edits.get(1);
    ASSERT_TRUE(report.has_value()) << report.error().to_string();
    EXPECT_THAT(report->changed, ElementsAre("s3"));
    EXPECT_THAT(report->unchanged, SizeIs(9));
    ASSERT_TRUE(fleet.wait_connected("s3", 2));

    file.set("new", "2");  // two: added
    file.save();
    report = fleet.edits.get(2);
    ASSERT_TRUE(report.has_value()) << report.error().to_string();
    EXPECT_THAT(report->added, ElementsAre("new"));
    EXPECT_THAT(report->unchanged, SizeIs(10));
    ASSERT_TRUE(fleet.wait_connected("new", 1));

    // Three: removed, while its next attempt already waits. `s9` dies later and waits as long: once that is back, the
    // removed one's moment has passed.
    ASSERT_EQ(kill(before["s7"], SIGKILL), 0);
    file.erase("s7");
    file.save();
    report = fleet.edits.get(3);
    ASSERT_TRUE(report.has_value()) << report.error().to_string();
    EXPECT_THAT(report->removed, ElementsAre("s7"));
    EXPECT_THAT(report->unchanged, SizeIs(10));
    const int lives_of_the_removed = fleet.times_connected("s7");
    ASSERT_EQ(kill(before["s9"], SIGKILL), 0);
    ASSERT_TRUE(fleet.wait_connected("s9", 2));

    file.save("// four: nothing but a comment\n");
    expect_untouched(fleet.edits.get(4), 10);

    file.save_text("{\"mcpServers\": {\n  \"s0\": {\"command\": }\n}}\n");  // five: broken
    report = fleet.edits.get(5);
    ASSERT_TRUE(report.has_error());
    EXPECT_EQ(report.error().kind(), ErrorKind::invalid_config);
    EXPECT_THAT(report.error().message(), HasSubstr("mcp.json"));
    EXPECT_THAT(report.error().message(), HasSubstr("2"));

    file.save();  // and mended
    expect_untouched(fleet.edits.get(6), 10);

    const int so_far = load.answered();
    EXPECT_TRUE(eventually([&] { return load.answered() > so_far + 200; }, 30s));
    load.stop();
    EXPECT_EQ(load.failed(), 0);

    EXPECT_EQ(fleet.times_connected("s7"), lives_of_the_removed) << "it came back";
    EXPECT_EQ(fleet.manager->client("s7"), nullptr);
    EXPECT_TRUE(eventually([&] { return is_gone(before["s7"]) || !is_alive(before["s7"]); }));
    const auto after = fleet.pids();
    EXPECT_FALSE(after.contains("s7"));
    for (const auto& name : steady) {
        EXPECT_EQ(after.at(name), before[name]) << name;
        EXPECT_EQ(fleet.times_connected(name), 1) << name;
    }
    EXPECT_NE(after.at("s3"), before["s3"]);
    EXPECT_EQ(fleet.times_connected("s3"), 2);
    EXPECT_EQ(fleet.times_connected("new"), 1);
}

}  // namespace
}  // namespace haive::mcp::testing
