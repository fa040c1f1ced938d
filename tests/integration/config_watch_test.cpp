// The watch on a real loop, with the system's notices: a saved file is there within a moment.
#include "haive/mcp/config/watch.hpp"
#include "haive/mcp/transport/runtime.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>
#include <unistd.h>

using namespace haive::mcp;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// The names that the watch handed over.
class Seen {
public:
    void add(const Result<Config>& config) {
        const std::lock_guard hold(mutex_);
        names_.push_back(config ? config->servers.front().name : "error");
        changed_.notify_all();
    }
    bool wait_for(const std::string& name) {
        std::unique_lock hold(mutex_);
        return changed_.wait_for(hold, 10s, [&] { return !names_.empty() && names_.back() == name; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> names_;
};

}  // namespace

TEST(ConfigWatchOnFiles, its_destructor_waits_for_a_call_that_is_under_way) {
    std::atomic<bool> entered{false}, leaving{false}, left{false};
    auto watch = std::make_unique<ConfigWatch>(Runtime::threaded(), "/nonexistent/mcp.json", [&](const auto&) {
        entered = true;
        entered.notify_all();
        leaving.wait(false);
        for (int i = 0; i < 1000; ++i) std::this_thread::yield();  // time for a destructor that does not wait
        left = true;
    });
    entered.wait(false);
    leaving = true;
    leaving.notify_all();
    watch.reset();
    EXPECT_TRUE(left);
}

TEST(ConfigWatchOnFiles, edits_in_place_and_replacements_are_told_at_once) {
    const fs::path folder = fs::temp_directory_path() / ("haive-watch-files-" + std::to_string(getpid()));
    fs::create_directories(folder);
    const std::string file = (folder / "mcp.json").string();
    const auto text = [](const std::string& name) {
        return R"({"mcpServers": {")" + name + R"(": {"command": "x"}}})";
    };
    std::ofstream(file) << text("a");
    Seen seen;
    {
        // So rare a look that only the system's notices can be what told.
        const ConfigWatch watch(Runtime::threaded(), file, [&](const Result<Config>& config) { seen.add(config); },
                                {.settle = Seconds(0.02), .poll = Seconds(60)});
        ASSERT_TRUE(seen.wait_for("a"));
        std::ofstream(file) << text("in-place");
        EXPECT_TRUE(seen.wait_for("in-place"));
        std::ofstream(file + ".new") << text("replaced");
        fs::rename(file + ".new", file);
        EXPECT_TRUE(seen.wait_for("replaced"));
        std::ofstream(file) << "{";
        EXPECT_TRUE(seen.wait_for("error"));
    }
    fs::remove_all(folder);
}
