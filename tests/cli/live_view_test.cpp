// `monitor` as a person sees it: at a terminal, with keys, while the configuration is edited.
#include "cli/command.hpp"
#include "cli/screen.hpp"

#include <gtest/gtest.h>

#include <csignal>

using namespace cli_test;

namespace {

std::string line_with(const Screen& screen, std::string_view part) {
    for (const auto& line : screen.lines()) {
        if (holds(line, part)) return line;
    }
    return {};
}

bool shows(const Screen& screen, std::string_view server, std::string_view state) {
    return holds(line_with(screen, server), state);
}

Setup at_terminal(const Folder& folder, int rows = 24) {
    return {.cwd = folder.path(), .tty = Tty::keys, .columns = 80, .rows = rows};
}

/// Two that are well and one whose program is not there.
std::string three() { return config_of({"alpha", "beta"}, R"({"gone": {"command": "/nonexistent/server"}})"); }

constexpr const char* down = "\x1b[B";
constexpr const char* up = "\x1b[A";

}  // namespace

TEST(CliLiveView, arrows_select_from_the_worst_down_and_back) {
    const Folder folder;
    folder.write("mcp.json", three());
    Command monitor({"monitor"}, at_terminal(folder));
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) {
        return shows(s, "alpha", " connected") && shows(s, "beta", " connected") && shows(s, "gone", "error");
    })) << Screen(monitor.out()).text();
    monitor.type(down);
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) { return holds(s.text(), "> gone"); }));
    monitor.type(std::string(down) + down);
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) { return holds(s.text(), "> beta"); }));
    monitor.type(up);
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) { return holds(s.text(), "> alpha"); }));
    monitor.type("q");
    const auto done = monitor.finish();
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_TRUE(holds(Screen(done.out).text(), "watched for")) << Screen(done.out).text();
}

TEST(CliLiveView, e_explains_the_selected_one_and_again_hides_it) {
    const Folder folder;
    folder.write("mcp.json", three());
    Command monitor({"monitor"}, at_terminal(folder));
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) { return shows(s, "gone", "error"); }));
    monitor.type("e");  // nothing is selected: the worst is meant
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) {
        return holds(s.text(), "> gone") && holds(s.text(), "because:") && holds(s.text(), "mend:");
    })) << Screen(monitor.out()).text();
    for (const auto& line : Screen(monitor.out()).lines()) EXPECT_LE(line.size(), 80u * 3) << line;
    monitor.type("e");
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) { return !holds(s.text(), "because:"); }));
    monitor.type("q");
    EXPECT_EQ(monitor.finish().code, 0);
}

TEST(CliLiveView, r_reconnects_the_selected_one_only) {
    const Folder folder;
    folder.write("mcp.json", config_of({"alpha", "beta"}));
    const auto record = folder.path("log.jsonl");
    Command monitor({"monitor", "--log-file", record}, at_terminal(folder));
    ASSERT_TRUE(monitor.wait_for_screen(
        [](const Screen& s) { return shows(s, "alpha", " connected") && shows(s, "beta", " connected"); }));
    monitor.type(std::string(down) + "r");
    // Its new process is told by the line of a session that was replaced.
    ASSERT_TRUE(monitor.wait_for_screen([&](const Screen&) { return holds(text_of(record), "session_replaced"); }));
    monitor.type("q");
    EXPECT_EQ(monitor.finish().code, 0);
    EXPECT_TRUE(holds(text_of(record), R"("server":"alpha","event":"session_replaced")")) << text_of(record);
    EXPECT_FALSE(holds(text_of(record), R"("server":"beta","event":"session_replaced")")) << text_of(record);
}

TEST(CliLiveView, what_is_edited_appears_and_disappears) {
    const Folder folder;
    folder.write("mcp.json", config_of({"alpha", "beta"}));
    Command monitor({"monitor"}, at_terminal(folder));
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) { return holds(s.text(), "2 of 2 connected"); }));
    folder.write("mcp.json", config_of({"beta", "gamma"}));
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) {
        return shows(s, "gamma", " connected") && shows(s, "beta", " connected") && line_with(s, "alpha ").empty();
    })) << Screen(monitor.out()).text();
    EXPECT_TRUE(holds(Screen(monitor.out()).text(), "added gamma; removed alpha")) << Screen(monitor.out()).text();
    folder.write("mcp.json", "{\"mcpServers\": {\n\"beta\": nope}}");
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) { return holds(s.text(), "line 2, column 9"); }))
        << Screen(monitor.out()).text();
    EXPECT_TRUE(shows(Screen(monitor.out()), "gamma", " connected")) << "what runs goes on";
    folder.write("mcp.json", config_of({"beta", "gamma"}, R"({"search": {"url": "https://h/${HAIVE_NOT_SET}"}})"));
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) { return shows(s, "search ", "unusable"); }))
        << Screen(monitor.out()).text();
    monitor.type("q");
    EXPECT_EQ(monitor.finish().code, 0);
}

TEST(CliLiveView, every_line_fits_eighty_columns_and_a_low_screen) {
    const Folder folder;
    Words names;
    for (int i = 10; i < 40; ++i) names.push_back("server-number-" + std::to_string(i));
    folder.write("mcp.json", config_of(names, R"({"a-name-that-is-far-too-long-for-a-column": {"command": "/none"}})"));
    Command monitor({"monitor"}, at_terminal(folder, 12));
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) { return holds(s.text(), "30 of 31 connected"); }))
        << Screen(monitor.out()).text();
    monitor.type("e");
    ASSERT_TRUE(monitor.wait_for_screen([](const Screen& s) { return holds(s.text(), "because:"); }))
        << Screen(monitor.out()).text();
    const Screen screen(monitor.out());
    EXPECT_LE(screen.lines().size(), 12u) << screen.text();
    for (const auto& line : screen.lines()) {
        std::size_t columns = 0;
        for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
        EXPECT_LE(columns, 80u) << line;
    }
    monitor.type("q");
    EXPECT_EQ(monitor.finish().code, 0);
}

TEST(CliLiveView, a_dumb_terminal_gets_lines_instead_of_a_picture) {
    const Folder folder;
    folder.write("mcp.json", three());
    auto setup = at_terminal(folder);
    setup.env = {{"TERM", "dumb"}};
    Command monitor({"monitor"}, setup);
    ASSERT_TRUE(monitor.wait_for("alpha: connecting -> connected"));
    monitor.signal(SIGINT);
    const auto done = monitor.finish();
    EXPECT_EQ(done.code, 130) << done;
    EXPECT_FALSE(holds(done.out, "\x1b")) << done;
}
