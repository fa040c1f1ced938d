// The watch on a hand-moved loop, which cannot be told of changes: it looks by itself.
#include "haive/mcp/config/watch.hpp"
#include "support/manual_loop.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace haive::mcp;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct ConfigWatchTest : ::testing::Test {
    void SetUp() override {
        static int count = 0;
        folder =
            fs::temp_directory_path() / ("haive-watch-" + std::to_string(getpid()) + "-" + std::to_string(++count));
        fs::create_directories(folder);
        file = (folder / "mcp.json").string();
    }
    void TearDown() override {
        loop->settle();  // what a watch leaves behind holds the runtime
        fs::remove_all(folder);
    }

    /// Written as editors do: beside it, then renamed over it.
    void save(const std::string& text) {
        std::ofstream(file + "~") << text;
        fs::rename(file + "~", file);
    }
    void save_servers(const std::string& name) { save(R"({"mcpServers": {")" + name + R"(": {"command": "x"}}})"); }
    ConfigWatch::Handler collect() {
        return [this](Result<Config> config) {
            seen.push_back(config ? config->servers.empty() ? "none" : config->servers.front().name
                                  : "error: " + config.error().message());
        };
    }

    fs::path folder;
    std::string file;
    std::vector<std::string> seen;
    haive::mcp::testing::ManualRuntime manual{};
    std::shared_ptr<haive::mcp::testing::ManualLoop> loop = manual.loop;
    std::shared_ptr<Runtime> runtime = manual.runtime;
};

}  // namespace

TEST_F(ConfigWatchTest, the_file_is_handed_over_at_the_start_and_after_each_change) {
    save_servers("a");
    const ConfigWatch watch(runtime, file, collect());
    loop->settle();
    EXPECT_EQ(seen, std::vector<std::string>{"a"});
    loop->advance(10s);
    EXPECT_EQ(seen.size(), 1u);
    save_servers("b");
    loop->advance(1100ms);
    EXPECT_EQ(seen.size(), 1u) << "seen, not left alone yet";
    loop->advance(200ms);
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "b"}));
}

TEST_F(ConfigWatchTest, a_broken_file_is_reported_and_the_watch_goes_on) {
    save_servers("a");
    const ConfigWatch watch(runtime, file, collect(), {.initial = false});
    loop->settle();
    EXPECT_TRUE(seen.empty());
    save("{\"mcpServers\": nope}");
    loop->advance(2s);
    ASSERT_EQ(seen.size(), 1u);
    EXPECT_NE(seen[0].find("line 1, column 16"), std::string::npos) << seen[0];
    save_servers("c");
    loop->advance(2s);
    EXPECT_EQ(seen.back(), "c");
}

TEST_F(ConfigWatchTest, the_same_text_again_is_no_change) {
    save_servers("a");
    const ConfigWatch watch(runtime, file, collect());
    loop->advance(2s);
    save_servers("a");
    loop->advance(5s);
    EXPECT_EQ(seen.size(), 1u);
}

TEST_F(ConfigWatchTest, a_file_that_is_gone_is_reported_once_and_its_return_too) {
    save_servers("a");
    const ConfigWatch watch(runtime, file, collect());
    loop->advance(2s);
    fs::remove(file);
    loop->advance(10s);
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_NE(seen[1].find("No such file"), std::string::npos) << seen[1];
    save_servers("a");
    loop->advance(2s);
    EXPECT_EQ(seen.size(), 3u);
}

TEST_F(ConfigWatchTest, a_link_that_was_turned_is_a_change) {
    std::ofstream(folder / "one") << R"({"mcpServers": {"one": {"command": "x"}}})";
    std::ofstream(folder / "two") << R"({"mcpServers": {"two": {"command": "x"}}})";
    fs::create_symlink(folder / "one", file);
    const ConfigWatch watch(runtime, file, collect());
    loop->advance(2s);
    fs::create_symlink(folder / "two", file + "~");
    fs::rename(file + "~", file);
    loop->advance(2s);
    EXPECT_EQ(seen, (std::vector<std::string>{"one", "two"}));
}

TEST_F(ConfigWatchTest, look_now_hands_it_over_unchanged) {
    save_servers("a");
    ConfigWatch watch(runtime, file, collect());
    loop->settle();
    watch.look_now();
    loop->settle();
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "a"}));
}

TEST_F(ConfigWatchTest, nothing_is_heard_of_a_watch_that_ended) {
    save_servers("a");
    { const ConfigWatch watch(runtime, file, collect()); }
    loop->advance(5s);
    EXPECT_TRUE(seen.empty());
    EXPECT_EQ(loop->timers(), 0u);
}

TEST_F(ConfigWatchTest, its_handler_may_end_it) {
    save_servers("a");
    int calls = 0;
    std::unique_ptr<ConfigWatch> watch;
    watch = std::make_unique<ConfigWatch>(runtime, file, [&](const Result<Config>&) {
        ++calls;
        watch.reset();
    });
    loop->advance(2s);
    save_servers("b");
    loop->advance(5s);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(loop->timers(), 0u);
}

TEST_F(ConfigWatchTest, times_that_are_none_are_refused) {
    EXPECT_THROW(ConfigWatch(runtime, file, collect(), {.poll = Seconds(0)}), std::invalid_argument);
    EXPECT_THROW(ConfigWatch(runtime, file, collect(), {.settle = Seconds(-1)}), std::invalid_argument);
}
