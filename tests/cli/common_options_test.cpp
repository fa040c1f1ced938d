// Options that every command takes.
#include "cli/command.hpp"

#include <gtest/gtest.h>

#include <csignal>

using namespace cli_test;

namespace {

std::string revision_with(const Words& options, const Words& switches = {}) {
    Words words{"health", "--count", "1", "--json"};
    words.insert(words.end(), options.begin(), options.end());
    const auto done = run(on_server(words, switches));
    EXPECT_EQ(done.code, 0) << done;
    if (done.code != 0) return {};
    return std::string(done.json_lines().at(0).at("protocol_version").as_string());
}

}  // namespace

TEST(CliCommonOptions, the_era_is_found_out_or_as_asked) {
    EXPECT_EQ(revision_with({}), "2026-07-28");
    EXPECT_EQ(revision_with({}, {"--era", "legacy"}), "2025-11-25");
    EXPECT_EQ(revision_with({"--era", "legacy"}), "2025-11-25");
    EXPECT_EQ(revision_with({"--era", "modern"}), "2026-07-28");
    EXPECT_EQ(revision_with({"--era", "auto"}), "2026-07-28");
}

TEST(CliCommonOptions, the_era_of_an_entry_counts_and_the_option_wins) {
    const Folder folder;
    folder.write("mcp.json", config_of({}, R"({"s": {"command": ")" HAIVE_TEST_SERVER R"(", "era": "legacy"}})"));
    const cli_test::Setup setup{.cwd = folder.path()};
    EXPECT_TRUE(holds(run({"health", "s", "-c", "1"}, setup).out, "2025-11-25"));
    EXPECT_TRUE(holds(run({"health", "s", "-c", "1", "--era", "modern"}, setup).out, "2026-07-28"));
}

TEST(CliCommonOptions, durations_are_seconds_or_carry_a_unit) {
    for (const char* good : {"5", "0.5", ".5", "500ms", "30s", "2m", "1h"}) {
        EXPECT_EQ(run(on_server({"call", "echo", "text=x", "--timeout", good})).code, 0) << good;
    }
    for (const char* bad : {"", "s", "5x", "5 s", "-1", "nan", "inf", "1e999", "5ss"}) {
        const auto done = run(on_server({"call", "echo", "text=x", "--timeout", bad}));
        EXPECT_EQ(done.code, 2) << bad << "\n" << done;
        EXPECT_TRUE(holds(done.err, "--timeout")) << done;
    }
}

TEST(CliCommonOptions, no_time_at_all_is_refused_where_it_makes_no_sense) {
    const auto done = run(on_server({"tools", "--timeout", "0"}));
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.err, "--timeout: must be above zero")) << done;
    EXPECT_EQ(run(on_server({"monitor", "--interval", "0"})).code, 2);
    EXPECT_EQ(run(on_server({"health", "--interval", "0"})).code, 0) << "a flood, as ping -i 0";
}

TEST(CliCommonOptions, options_may_stand_before_and_after_the_command) {
    EXPECT_EQ(run(on_server({"--era", "legacy", "-q", "call", "echo", "text=x"})).out, "x\n");
    EXPECT_EQ(run(on_server({"call", "--era", "legacy", "echo", "-q", "text=x"})).out, "x\n");
}

TEST(CliCommonOptions, the_log_goes_to_stderr_from_its_level_up) {
    const auto quiet = run(on_server({"call", "echo", "text=x"}));
    EXPECT_EQ(quiet.err, "");
    const auto info = run(on_server({"call", "echo", "text=x", "--log", "info"}));
    EXPECT_EQ(info.out, "x\n");
    EXPECT_TRUE(holds(info.err, "connecting -> connected (ready): handshake done")) << info;
    EXPECT_FALSE(holds(info.err, "debug")) << info;
    EXPECT_TRUE(holds(run(on_server({"call", "echo", "text=x", "--log", "debug"})).err, "debug"));
    for (const auto& line : lines_of(info.err)) EXPECT_NE(line.back(), ' ') << line;
}

TEST(CliCommonOptions, a_number_of_the_wrong_kind_is_refused_by_the_schema) {
    const auto done = run(on_server({"call", "big", "bytes=1.5"}));
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.err, "argument bytes=1.5: expected a whole number")) << done;
}

TEST(CliCommonOptions, a_bench_of_a_server_that_hangs_ends_with_ctrl_c) {
    Command bench(on_server({"bench", "echo", "text=x", "--log", "info"}, {"--hang-after", "3"}));
    ASSERT_TRUE(bench.wait_for("connected"));
    bench.signal(SIGINT);
    const auto done = bench.finish();
    EXPECT_EQ(done.code, 130) << done;
    EXPECT_LT(done.seconds, 10);
}
