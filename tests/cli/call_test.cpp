// `call`: arguments as people type them, results as they want them.
#include "cli/command.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

using namespace cli_test;

TEST(CliCall, text_content_goes_to_stdout_and_nothing_else) {
    const auto done = run(on_server({"call", "echo", "text=hello there"}));
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.out, "hello there\n");
    EXPECT_EQ(done.err, "");
}

TEST(CliCall, a_servers_greeting_on_stderr_is_not_ours_to_print) {
    const auto done = run({"call", "echo", "text=hi", "--", HAIVE_TEST_SERVER});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.out, "hi\n");
    EXPECT_EQ(done.err, "");
}

TEST(CliCall, values_take_the_type_that_the_schema_says) {
    EXPECT_EQ(run(on_server({"call", "echo", "text=42"})).out, "42\n");
    EXPECT_EQ(run(on_server({"call", "echo", "text=true"})).out, "true\n");
    EXPECT_EQ(run(on_server({"call", "add", "a=40", "b=2"})).out, "42\n");
}

TEST(CliCall, values_may_hold_spaces_equal_signs_and_nothing) {
    EXPECT_EQ(run(on_server({"call", "echo", "text=a=b = c"})).out, "a=b = c\n");
    EXPECT_EQ(run(on_server({"call", "echo", "text="})).out, "\n");
    EXPECT_EQ(run(on_server({"call", "echo", "text=-x --json"})).out, "-x --json\n");
}

TEST(CliCall, a_value_of_the_wrong_type_is_refused_with_what_the_tool_takes) {
    const auto done = run(on_server({"call", "add", "a=1", "b=two"}));
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.err, "argument b=two: expected a number")) << done;
    EXPECT_TRUE(holds(done.err, "add takes: a (number, required), b (number, required)")) << done;
    EXPECT_EQ(done.out, "");
}

TEST(CliCall, colon_equals_takes_json_as_it_is) {
    EXPECT_EQ(run(on_server({"call", "add", "a:=1", "b:=41"})).out, "42\n");
    const auto wrong = run(on_server({"call", "add", "a:=one"}));
    EXPECT_EQ(wrong.code, 2) << wrong;
    EXPECT_TRUE(holds(wrong.err, "argument a: not JSON: one")) << wrong;
}

TEST(CliCall, args_is_the_whole_object) {
    EXPECT_EQ(run(on_server({"call", "echo", "--args", R"({"text": "from args"})"})).out, "from args\n");
    EXPECT_EQ(run(on_server({"call", "add", "--args", R"({"a": 1, "b": 1})", "b=9"})).out, "10\n")
        << "laid over --args";
}

TEST(CliCall, args_dash_reads_stdin) {
    const auto done = run(on_server({"call", "echo", "--args", "-"}), {.input = "{\"text\": \"from stdin\"}\n"});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.out, "from stdin\n");
}

TEST(CliCall, args_that_are_no_object_are_refused_before_a_server_is_started) {
    for (const char* args : {"{", "[1]", "text=x", ""}) {
        const auto done = run({"call", "echo", "--args", args, "--", "/nonexistent/server"});
        EXPECT_EQ(done.code, 2) << args << "\n" << done;
        EXPECT_TRUE(holds(done.err, "--args")) << done;
    }
    EXPECT_EQ(run({"call", "echo", "--args", "-", "--", "/nonexistent"}, {.input = "nonsense"}).code, 2);
}

TEST(CliCall, a_word_that_is_no_argument_is_refused_with_the_way_to_write_it) {
    const auto done = run(on_server({"call", "echo", "hello"}));
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.err, "'hello' is no argument: write key=value")) << done;
}

TEST(CliCall, json_prints_the_whole_result) {
    const auto done = run(on_server({"call", "add", "a=1", "b=2", "--json"}));
    ASSERT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.json().at("structuredContent").at("sum"), 3);
    EXPECT_EQ(done.json().at("content").at(0).at("text"), "3");
}

TEST(CliCall, a_tools_error_prints_its_text_and_exits_1) {
    const auto done = run(on_server({"call", "fail", "text=no such file"}));
    EXPECT_EQ(done.code, 1) << done;
    EXPECT_EQ(done.out, "no such file\n");
    const auto json = run(on_server({"call", "fail", "--json"}));
    EXPECT_EQ(json.code, 1);
    EXPECT_EQ(json.json().at("isError"), true) << json;
}

TEST(CliCall, a_protocol_error_shows_code_and_words_and_exits_5) {
    const auto done = run(on_server({"call", "error", "code=-32050", "message=out of cheese"}));
    EXPECT_EQ(done.code, 5) << done;
    EXPECT_TRUE(holds(done.err, "out of cheese")) << done;
    EXPECT_TRUE(holds(done.err, "-32050")) << done;
    EXPECT_EQ(done.out, "");
}

TEST(CliCall, a_missing_argument_shows_what_the_tool_takes) {
    const auto done = run(on_server({"call", "echo"}));
    EXPECT_EQ(done.code, 5) << done;
    EXPECT_TRUE(holds(done.err, "echo takes: text (string, required)")) << done;
}

TEST(CliCall, an_unknown_tool_suggests_the_nearest) {
    const auto done = run(on_server({"call", "ehco", "text=x"}));
    EXPECT_EQ(done.code, 2) << done;
    EXPECT_TRUE(holds(done.err, "did you mean 'echo'?")) << done;
    EXPECT_TRUE(holds(run(on_server({"call", "entirely_else"})).err, "haive-mcp tools")) << "nothing is near";
}

TEST(CliCall, no_tool_at_all_is_misuse) {
    const auto done = run(on_server({"call"}));
    EXPECT_EQ(done.code, 2);
    EXPECT_TRUE(holds(done.err, "which tool?")) << done;
}

TEST(CliCall, errors_as_json_are_one_object_on_stderr) {
    const auto done = run(on_server({"call", "error", "--json"}));
    EXPECT_EQ(done.code, 5) << done;
    const auto error = boost::json::parse(done.err).as_object();
    EXPECT_EQ(error.at("error"), "rpc_error");
    EXPECT_EQ(error.at("rpc_code"), -32000);
    EXPECT_EQ(error.at("disposition"), "executed");
    EXPECT_TRUE(holds(error.at("message").as_string(), "an error, as asked"));
}

TEST(CliCall, a_big_result_comes_whole) {
    const auto done = run(on_server({"call", "big", "bytes=3000000"}));
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.out.size(), 3000001u);
}

TEST(CliCall, this_folder_is_offered_as_a_root) {
    const Folder folder;
    const auto done = run(on_server({"call", "ask", "what=roots", "--era", "legacy"}), {.cwd = folder.path()});
    ASSERT_EQ(done.code, 0) << done;
    EXPECT_TRUE(holds(done.out, "file://" + folder.path())) << done;
}

TEST(CliCall, roots_can_be_named_and_left_out) {
    const Folder folder;
    std::filesystem::create_directory(folder.path("a b"));
    const auto named =
        run(on_server({"call", "ask", "what=roots", "--era", "legacy", "--root", "a b", "--root", "/tmp"}),
            {.cwd = folder.path()});
    EXPECT_TRUE(holds(named.out, "file://" + folder.path() + "/a%20b")) << named;
    EXPECT_TRUE(holds(named.out, "file:///tmp")) << named;
    const auto none = run(on_server({"call", "ask", "what=roots", "--era", "legacy", "--no-roots"}));
    EXPECT_FALSE(holds(none.out, "file://")) << none;
}

TEST(CliCall, the_servers_command_line_is_its_own) {
    const auto done = run({"call", "args", "--", HAIVE_TEST_SERVER, "--quiet", "--max-life", "60", "--", "--json"});
    EXPECT_EQ(done.code, 3) << "`--` is for the server to read, and it refuses it\n" << done;
    const auto fine = run(on_server({"call", "args"}, {"some dir"}));
    EXPECT_TRUE(holds(fine.out, "some dir")) << fine;
}

TEST(CliCall, environment_and_folder_of_a_server_can_be_given) {
    const Folder folder;
    const auto env = run(on_server({"call", "env", "name=FRUIT", "--env", "FRUIT=pear=green", "--env", "X=1"}));
    EXPECT_EQ(env.out, "pear=green\n") << env;
    const auto cwd = run(on_server({"call", "args", "--cwd", folder.path()}));
    EXPECT_TRUE(holds(cwd.out, "\"cwd\":\"" + folder.path() + "\"")) << cwd;
    const auto wrong = run(on_server({"tools", "--env", "FRUIT"}));
    EXPECT_EQ(wrong.code, 2);
    EXPECT_TRUE(holds(wrong.err, "NAME=VALUE")) << wrong;
}
