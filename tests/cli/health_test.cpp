// `health`: checks as ping(8) shows them.
#include "cli/command.hpp"

#include <gtest/gtest.h>

using namespace cli_test;

TEST(CliHealth, each_check_is_a_line_then_comes_a_summary) {
    const auto done = run(on_server({"health", "--count", "3", "--interval", "20ms"}));
    ASSERT_EQ(done.code, 0) << done;
    const auto lines = lines_of(done.out);
    ASSERT_EQ(lines.size(), 6u) << done;
    EXPECT_TRUE(lines[0].starts_with("haive-mcp-server: check 1  round trip ")) << done;
    EXPECT_TRUE(lines[2].starts_with("haive-mcp-server: check 3  round trip ")) << done;
    EXPECT_TRUE(holds(lines[0], "score 1.00")) << done;
    EXPECT_EQ(lines[3], "--- haive-mcp-server ---");
    EXPECT_TRUE(lines[4].starts_with("3 checks, 3 answered, 0% missed")) << done;
    EXPECT_TRUE(lines[5].starts_with("round trip min/avg/max = ")) << done;
    EXPECT_EQ(done.err, "");
}

TEST(CliHealth, quiet_leaves_the_summary_out) {
    const auto done = run(on_server({"health", "-c", "2", "-i", "0.02", "-q"}));
    EXPECT_EQ(lines_of(done.out).size(), 2u) << done;
}

TEST(CliHealth, json_is_one_object_a_check) {
    const auto done = run(on_server({"health", "--count", "2", "--interval", "20ms", "--json"}));
    ASSERT_EQ(done.code, 0) << done;
    const auto checks = done.json_lines();
    ASSERT_EQ(checks.size(), 2u) << done;
    for (const auto& check : checks) {
        EXPECT_TRUE(check.at("error").is_null());
        EXPECT_EQ(check.at("health_score").to_number<double>(), 1.0);
        EXPECT_GT(check.at("round_trip").to_number<double>(), 0);
        EXPECT_TRUE(check.contains("protocol_version"));
    }
}

TEST(CliHealth, a_server_that_does_not_answer_is_missed_and_exits_4) {
    const auto done =
        run(on_server({"health", "--count", "1", "--era", "legacy", "--timeout", "500ms"}, {"--silent-ping"}));
    EXPECT_EQ(done.code, 4) << done;
    EXPECT_TRUE(holds(done.out, "1 checks, 0 answered, 100% missed")) << done;
}

TEST(CliHealth, counts_and_intervals_are_checked) {
    for (const Words& words :
         {Words{"--count", "0"}, Words{"--count", "many"}, Words{"--interval", "soon"}, Words{"--interval", "-1"}}) {
        Words all{"health"};
        all.insert(all.end(), words.begin(), words.end());
        const auto done = run(on_server(all));
        EXPECT_EQ(done.code, 2) << words[0] << " " << words[1] << "\n" << done;
        EXPECT_FALSE(done.err.empty());
        EXPECT_EQ(done.out, "");
    }
}
