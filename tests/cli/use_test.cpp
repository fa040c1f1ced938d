// `read`, `prompt`, `bench`, `explain`: the commands of one server that are no call.
#include "cli/command.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

using namespace cli_test;

TEST(CliRead, a_text_resource_is_printed) {
    const auto done = run(on_server({"read", "test://text"}));
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.out, "Hello, world!\n");
    EXPECT_EQ(done.err, "");
    EXPECT_EQ(run(on_server({"read", "test://item/7"})).out, "This is item 7\n");
}

TEST(CliRead, bytes_are_printed_as_the_bytes_that_they_are) {
    const auto done = run(on_server({"read", "test://blob"}));
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.out, std::string("\0\1\2\3\4\5\6\7", 8));
    EXPECT_EQ(done.err, "");
}

TEST(CliRead, bytes_are_not_thrown_at_a_terminal) {
    const auto done = run(on_server({"read", "test://blob"}), {.tty = Tty::out});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.out, "");
    EXPECT_TRUE(holds(done.err, "8 bytes of application/octet-stream")) << done;
}

TEST(CliRead, json_prints_the_whole_result) {
    const auto done = run(on_server({"read", "test://blob", "--json"}));
    ASSERT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.json().at("contents").at(0).at("blob"), "AAECAwQFBgc=");
}

TEST(CliRead, what_is_not_there_is_the_servers_word) {
    const auto done = run(on_server({"read", "test://nope"}));
    EXPECT_EQ(done.code, 5) << done;
    EXPECT_TRUE(holds(done.err, "there is no resource test://nope")) << done;
    EXPECT_EQ(run(on_server({"read"})).code, 2);
    EXPECT_EQ(run(on_server({"read", "test://text", "surplus"})).code, 2);
}

TEST(CliPrompt, messages_are_printed_with_their_roles) {
    const auto done = run(on_server({"prompt", "greet", "name=Ada"}));
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.out, "user: Please greet Ada.\n");
    EXPECT_EQ(run(on_server({"prompt", "plain"})).out, "user: Say something plain.\n");
}

TEST(CliPrompt, values_stay_strings) {
    EXPECT_EQ(run(on_server({"prompt", "greet", "name=42"})).out, "user: Please greet 42.\n");
}

TEST(CliPrompt, json_prints_the_whole_result) {
    const auto done = run(on_server({"prompt", "greet", "name=Ada", "--json"}));
    ASSERT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.json().at("messages").at(0).at("role"), "user");
}

TEST(CliPrompt, mistakes_are_told) {
    EXPECT_EQ(run(on_server({"prompt"})).code, 2);
    EXPECT_EQ(run(on_server({"prompt", "greet", "Ada"})).code, 2);
    const auto unknown = run(on_server({"prompt", "nope"}));
    EXPECT_EQ(unknown.code, 5) << unknown;
    EXPECT_TRUE(holds(unknown.err, "there is no prompt nope")) << unknown;
}

TEST(CliBench, json_has_the_numbers_of_as_many_calls_as_were_asked_for) {
    const auto done = run(on_server({"bench", "echo", "text=x", "--calls", "200", "--json"}));
    ASSERT_EQ(done.code, 0) << done;
    const auto result = done.json().as_object();
    EXPECT_EQ(result.at("calls"), 200);
    EXPECT_EQ(result.at("failed"), 0);
    EXPECT_EQ(result.at("tool_errors"), 0);
    for (const char* key : {"seconds", "calls_per_second", "cpu_us_per_call", "p50", "p90", "p99", "p999", "max"}) {
        EXPECT_GT(result.at(key).to_number<double>(), 0) << key;
    }
    EXPECT_LE(result.at("p50").to_number<double>(), result.at("max").to_number<double>());
}

TEST(CliBench, a_person_gets_three_lines) {
    const auto done = run(on_server({"bench", "echo", "text=x", "--calls", "100", "--concurrency", "8"}));
    ASSERT_EQ(done.code, 0) << done;
    const auto lines = lines_of(done.out);
    ASSERT_EQ(lines.size(), 3u) << done;
    EXPECT_TRUE(lines[0].starts_with("calls     100 in ")) << done;
    EXPECT_TRUE(lines[1].starts_with("latency   p50 ")) << done;
    EXPECT_TRUE(lines[2].starts_with("CPU ")) << done;
}

TEST(CliBench, a_time_can_be_given_instead_of_a_number) {
    const auto done = run(on_server({"bench", "echo", "text=x", "--for", "200ms", "--json"}));
    ASSERT_EQ(done.code, 0) << done;
    EXPECT_GE(done.json().at("seconds").to_number<double>(), 0.2);
    EXPECT_EQ(run(on_server({"bench", "echo", "--for", "1s", "--calls", "5"})).code, 2);
}

TEST(CliBench, errors_of_the_tool_are_counted) {
    const auto done = run(on_server({"bench", "fail", "--calls", "10", "--json"}));
    EXPECT_EQ(done.json().at("tool_errors"), 10) << done;
    EXPECT_EQ(done.code, 1) << done;
}

TEST(CliBench, calls_that_fail_end_in_their_error) {
    const auto done = run(on_server({"bench", "error", "--calls", "10"}));
    EXPECT_EQ(done.code, 5) << done;
    EXPECT_TRUE(holds(done.out, "10 failed")) << done;
    EXPECT_EQ(lines_of(done.out).size(), 1u) << "no latency of nothing\n" << done;
    EXPECT_TRUE(holds(done.err, "an error, as asked")) << done;
}

TEST(CliExplain, a_healthy_server_is_said_to_be_one) {
    const auto done = run(on_server({"explain"}));
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_TRUE(holds(done.out, "connected")) << done;
    EXPECT_EQ(done.err, "");
}

TEST(CliExplain, a_server_that_cannot_start_is_explained_on_stdout_with_what_would_mend_it) {
    const auto done = run({"explain", "--", "/nonexistent/server"});
    EXPECT_EQ(done.code, 3) << done;
    EXPECT_TRUE(holds(done.out, "/nonexistent/server")) << done;
    EXPECT_TRUE(holds(done.out, "check the path")) << done;
    EXPECT_EQ(done.err, "");
}

TEST(CliExplain, a_server_that_dies_is_explained_with_its_last_words) {
    const auto done = run({"explain", "--", "/bin/sh", "-c", "echo 'ENOENT: no such file, open /data' >&2; exit 4"});
    EXPECT_EQ(done.code, 3) << done;
    EXPECT_TRUE(holds(done.out, "exit code 4")) << done;
    EXPECT_TRUE(holds(done.out, "open /data")) << done;
}

TEST(CliExplain, json_is_one_object) {
    const auto fine = run(on_server({"explain", "--json"}));
    ASSERT_TRUE(fine.json().is_object()) << fine;
    EXPECT_EQ(fine.json().at("status"), "connected") << fine;
    const auto broken = run({"explain", "--json", "--", "/nonexistent/server"});
    EXPECT_EQ(broken.code, 3);
    ASSERT_TRUE(broken.json().is_object()) << broken;
    EXPECT_EQ(broken.json().at("status"), "error") << broken;
}
