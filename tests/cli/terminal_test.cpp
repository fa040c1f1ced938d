// What only a terminal gets (colours, the live table, the progress bar), and what a reader that leaves gets.
#include "cli/command.hpp"
#include "cli/screen.hpp"

#include <gtest/gtest.h>

#include <csignal>

using namespace cli_test;

namespace {

bool has_colours(const std::string& text) {
    for (const char* code : {"\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m"}) {
        if (holds(text, code)) return true;
    }
    return false;
}

std::size_t columns_of(const std::string& line) {
    std::size_t columns = 0;
    for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
    return columns;
}

}  // namespace

TEST(CliTerminal, colours_only_on_a_terminal_that_wants_them) {
    EXPECT_TRUE(has_colours(run(on_server({"tools"}), {.tty = Tty::out}).out));
    EXPECT_FALSE(has_colours(run(on_server({"tools"})).out));
    EXPECT_FALSE(has_colours(run(on_server({"tools"}), {.env = {{"NO_COLOR", "1"}}, .tty = Tty::out}).out));
    EXPECT_FALSE(has_colours(run(on_server({"tools", "--no-color"}), {.tty = Tty::out}).out));
    EXPECT_FALSE(has_colours(run(on_server({"tools"}), {.env = {{"TERM", "dumb"}}, .tty = Tty::out}).out));
    EXPECT_TRUE(has_colours(run(on_server({"tools"}), {.env = {{"NO_COLOR", ""}}, .tty = Tty::out}).out))
        << "an empty NO_COLOR counts as unset";
}

TEST(CliTerminal, the_log_is_plain_when_no_colours_are_wanted) {
    EXPECT_FALSE(
        holds(run(on_server({"tools", "--log", "debug"}), {.env = {{"NO_COLOR", "1"}}, .tty = Tty::err}).err, "\x1b"));
    EXPECT_FALSE(holds(run(on_server({"tools", "--log", "debug"})).err, "\x1b"));
}

TEST(CliTerminal, lists_fit_the_terminals_width) {
    const auto done = run(on_server({"tools"}), {.tty = Tty::out, .columns = 60});
    for (const auto& line : Screen(done.out).lines()) EXPECT_LE(columns_of(line), 60u) << line;
    const auto narrow = run(on_server({"resources"}), {.tty = Tty::out, .columns = 30});
    for (const auto& line : Screen(narrow.out).lines()) EXPECT_LE(columns_of(line), 30u) << line;
}

TEST(CliTerminal, without_a_terminal_nothing_is_cut_off) {
    const Folder folder;
    const std::string path = "/a" + std::string(200, 'b');
    folder.write("mcp.json", config_of({}, R"({"long": {"command": ")" + path + "\"}}"));
    EXPECT_TRUE(holds(run({"servers"}, {.cwd = folder.path()}).out, path)) << run({"servers"}, {.cwd = folder.path()});
}

TEST(CliTerminal, progress_is_a_bar_on_stderr_that_leaves_nothing_behind) {
    const auto done = run(on_server({"call", "progress", "steps=4", "ms=20"}), {.tty = Tty::err});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.out, "done after 4 steps\n");
    EXPECT_TRUE(holds(done.err, "[")) << done;
    EXPECT_TRUE(holds(done.err, "4/4")) << done;
    EXPECT_EQ(Screen(done.err).text(), "");
}

TEST(CliTerminal, there_is_no_bar_without_a_terminal_or_when_quiet) {
    EXPECT_EQ(run(on_server({"call", "progress", "steps=3", "ms=10"})).err, "");
    EXPECT_EQ(run(on_server({"call", "progress", "steps=3", "ms=10", "-q"}), {.tty = Tty::err}).err, "");
}

TEST(CliTerminal, monitor_draws_one_table_over_itself) {
    const Folder folder;
    folder.write("mcp.json", config_of({"one", "two"}));
    Command monitor({"monitor"}, {.cwd = folder.path(), .tty = Tty::out, .columns = 100});
    EXPECT_TRUE(monitor.wait_for_screen([](const Screen& screen) {
        const auto lines = screen.lines();
        return lines.size() == 4 && lines[0].starts_with("SERVER") && lines[1].starts_with("one ") &&
               lines[2].starts_with("two ") && holds(lines[1], "connected") && holds(lines[1], "1.00") &&
               holds(lines[2], "connected");
    })) << Screen(monitor.out()).text();
    monitor.signal(SIGINT);
    EXPECT_EQ(monitor.finish().code, 130);
}

TEST(CliTerminal, the_table_fits_a_narrow_terminal) {
    const Folder folder;
    folder.write("mcp.json", config_of({"one"}, R"({"broken": {"command": "/nonexistent/with/a/rather/long/path"}})"));
    for (const int columns : {40, 60, 80}) {
        const auto done =
            run({"monitor", "--for", "300ms"}, {.cwd = folder.path(), .tty = Tty::out, .columns = columns});
        for (const auto& line : Screen(done.out).lines())
            EXPECT_LE(columns_of(line), static_cast<std::size_t>(columns)) << line;
    }
}

TEST(CliTerminal, json_is_json_on_a_terminal_too) {
    const auto done = run(on_server({"monitor", "--for", "200ms", "--json"}), {.tty = Tty::out});
    EXPECT_FALSE(holds(done.out, "\x1b")) << done;
}

TEST(CliTerminal, a_reader_that_left_ends_a_list_quietly) {
    Command tools(on_server({"tools"}, {"--tools", "5000"}));
    ASSERT_TRUE(tools.wait_for("\n"));
    tools.stop_reading();
    const auto done = tools.finish();
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_EQ(done.err, "");
}

TEST(CliTerminal, head_takes_its_line_and_nobody_complains) {
    const Folder folder;
    folder.write("go.bash",
                 std::string("'") + HAIVE_TEST_CLI + "' tools -- '" + HAIVE_TEST_SERVER +
                     "' --quiet --tools 5000 2> err | head -1 > out; test ${PIPESTATUS[0]} = 0 -a ! -s err -a -s out");
    EXPECT_EQ(std::system(("cd '" + folder.path() + "' && bash go.bash").c_str()), 0);
}

TEST(CliTerminal, an_output_that_cannot_be_written_is_told) {
    const std::string go = std::string("'") + HAIVE_TEST_CLI + "' version > /dev/full 2> /dev/null";
    EXPECT_NE(std::system(go.c_str()), 0);
}

TEST(CliTerminal, a_servers_text_cannot_control_the_terminal) {
    const Words call = on_server({"call", "echo", "--args", R"({"text": "a\u001b[2Jb\u009b2Jc\td"})"});
    EXPECT_EQ(run(call, {.tty = Tty::out}).out, "a^[[2Jb^?2Jc\td\r\n");
    EXPECT_EQ(run(call).out, "a\x1b[2Jb\xc2\x9b"
                             "2Jc\td\n")
        << "in a pipe nothing is changed";
}

TEST(CliTerminal, the_table_says_the_reason_first) {
    const Folder folder;
    folder.write("mcp.json", config_of({}, R"({"bad": {"command": "/nonexistent/server"}})"));
    Command monitor({"monitor"}, {.cwd = folder.path(), .tty = Tty::out, .columns = 130});
    EXPECT_TRUE(monitor.wait_for_screen([](const Screen& screen) {
        const auto lines = screen.lines();
        const std::size_t place = lines.empty() ? std::string::npos : lines[0].find("TROUBLE");
        return lines.size() >= 2 && place != std::string::npos &&
               lines[1].find("there is no file '/nonexistent/server'") == place;
    })) << Screen(monitor.out()).text();
    monitor.signal(SIGINT);
    EXPECT_EQ(monitor.finish().code, 130);
}

TEST(CliTerminal, a_low_terminal_shows_the_servers_in_trouble_and_counts_the_rest) {
    const Folder folder;
    Words names;
    for (int i = 10; i < 34; ++i) names.push_back("fine" + std::to_string(i));
    folder.write("mcp.json", config_of(names, R"({"zz-bad": {"command": "/nonexistent/server"}})"));
    const auto done = run({"monitor", "--for", "2s"}, {.cwd = folder.path(), .tty = Tty::out, .columns = 100});
    const auto screen = Screen(done.out);
    EXPECT_LE(screen.lines().size(), 24u) << screen.text();
    EXPECT_TRUE(holds(screen.text(), "zz-bad")) << screen.text();
    EXPECT_TRUE(holds(screen.text(), "more; 24 of 25 connected") || holds(screen.text(), "more; watched for"))
        << screen.text();
}
