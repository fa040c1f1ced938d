// `demo`: it heals, without a terminal too, and leaves nothing behind.
#include "cli/command.hpp"
#include "cli/screen.hpp"

#include <gtest/gtest.h>

#include <csignal>

using namespace cli_test;

TEST(CliDemo, it_heals_without_a_terminal_in_less_than_half_a_minute) {
    const auto done = run({"demo"});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_LT(done.seconds, 30);
    EXPECT_TRUE(holds(done.out, "'fragile' is back after")) << done;
    EXPECT_TRUE(holds(done.out, "'sleepy' was replaced after")) << done;
    EXPECT_TRUE(holds(done.out, "refused with 404, a new session begun")) << done;
    EXPECT_TRUE(holds(done.out, "no process is left")) << done;
    EXPECT_FALSE(holds(done.out, "\x1b")) << done;
    EXPECT_EQ(done.err, "");
}

TEST(CliDemo, on_a_terminal_the_story_stands_above_a_live_table) {
    Command demo({"demo"}, {.tty = Tty::out, .columns = 110});
    ASSERT_TRUE(demo.wait_for("answers.") && demo.wait_for("SIGKILL"));
    const std::string footer = "Ctrl-C ends the demo";
    const Screen screen(demo.out().substr(0, demo.out().rfind(footer) + footer.size()));
    EXPECT_TRUE(holds(screen.text(), "Seven servers")) << screen.text();
    EXPECT_LT(screen.text().find("A call to each of them: 7 answers"), screen.text().find("SERVER")) << screen.text();
    EXPECT_EQ(screen.text().find("SERVER"), screen.text().rfind("SERVER")) << screen.text();
    EXPECT_TRUE(holds(screen.text(), "in-process")) << screen.text();
    demo.signal(SIGINT);
    const auto done = demo.finish();
    EXPECT_EQ(done.code, 130) << done;
}

TEST(CliDemo, an_interrupt_ends_it_without_complaints) {
    Command demo({"demo"});
    ASSERT_TRUE(demo.wait_for("Seven servers"));
    demo.signal(SIGINT);
    const auto done = demo.finish();
    EXPECT_EQ(done.code, 130) << done;
    EXPECT_LT(done.seconds, 10);
    EXPECT_EQ(done.err, "") << done;
}
