// `--help`, `version`, `completions`, the man page: what the command says about itself.
#include "cli/command.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

using namespace cli_test;

namespace {

const Words commands{"tools",  "resources", "prompts", "call",    "read",   "prompt", "health",      "monitor",
                     "status", "explain",   "bench",   "servers", "config", "demo",   "completions", "version"};

Words options_in(const std::string& help) {
    Words out;
    for (std::size_t at = help.find("--"); at != std::string::npos; at = help.find("--", at + 2)) {
        const std::size_t end = help.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at);
        const std::string word = help.substr(at, end - at);
        if (word.size() > 3) out.push_back(word);
    }
    return out;
}

}  // namespace

TEST(CliHelp, help_goes_to_stdout_and_names_every_command) {
    const auto done = run({"--help"});
    EXPECT_EQ(done.code, 0) << done;
    EXPECT_EQ(done.err, "");
    EXPECT_TRUE(holds(done.out, "Usage: haive-mcp COMMAND")) << done;
    for (const auto& command : commands) EXPECT_TRUE(holds(done.out, "\n  " + command + " ")) << command;
}

TEST(CliHelp, every_line_fits_a_terminal_of_a_hundred_columns) {
    std::vector<Words> all{{"--help"}};
    for (const auto& command : commands) all.push_back({command, "--help"});
    for (const auto& words : all) {
        for (const auto& line : lines_of(run(words).out)) EXPECT_LE(line.size(), 100u) << words[0] << ": " << line;
    }
}

TEST(CliHelp, each_command_shows_its_usage_once_and_the_common_options) {
    for (const auto& command : commands) {
        const auto done = run({command, "--help"});
        EXPECT_EQ(done.code, 0) << done;
        const auto usage = done.out.find("Usage: haive-mcp " + command);
        EXPECT_NE(usage, std::string::npos) << done;
        EXPECT_EQ(done.out.find("Usage:", usage + 1), std::string::npos) << done;
        EXPECT_TRUE(holds(done.out, "--config FILE")) << done;
    }
}

TEST(CliHelp, help_after_the_dashes_is_the_servers) {
    const auto done = run({"tools", "--", HAIVE_TEST_SERVER, "--help"});
    EXPECT_NE(done.code, 0) << "the server printed its help and ended\n" << done;
    EXPECT_FALSE(holds(done.out, "Usage: haive-mcp")) << done;
}

TEST(CliHelp, mistakes_end_with_a_way_out) {
    const auto none = run({});
    EXPECT_TRUE(holds(none.err, "haive-mcp --help")) << none;
    const auto unknown = run({"tool"});
    EXPECT_TRUE(holds(unknown.err, "'tool' is no command")) << unknown;
    EXPECT_TRUE(holds(unknown.err, "did you mean 'tools'?")) << unknown;
    const auto option = run({"tools", "--jsn"});
    EXPECT_TRUE(holds(option.err, "--jsn")) << option;
}

TEST(CliHelp, version_is_one_line) {
    EXPECT_TRUE(run({"version"}).out.starts_with("haive-mcp 0.")) << run({"version"});
    EXPECT_EQ(run({"version"}).out, run({"--version"}).out);
    EXPECT_EQ(lines_of(run({"version"}).out).size(), 1u);
}

TEST(CliHelp, completions_exist_for_three_shells_and_know_every_command) {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const auto done = run({"completions", shell});
        EXPECT_EQ(done.code, 0) << done;
        for (const auto& command : commands) EXPECT_TRUE(holds(done.out, command)) << shell << " " << command;
    }
}

TEST(CliHelp, completions_know_every_option) {
    std::string help = run({"--help"}).out;
    for (const auto& command : commands) help += run({command, "--help"}).out;
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const auto done = run({"completions", shell});
        for (const auto& option : options_in(help)) {
            const std::string as_listed = std::string(shell) == "fish" ? "-l " + option.substr(2) : option;
            if (option != "--help" && option != "--version")
                EXPECT_TRUE(holds(done.out, as_listed)) << shell << " " << option;
        }
    }
}

TEST(CliHelp, the_bash_completion_is_valid_bash_and_completes_servers) {
    const Folder folder;
    folder.write("haive.bash", run({"completions", "bash"}).out);
    folder.write("mcp.json", config_of({"alpha", "beta"}));
    folder.write("try.bash", "PATH=" + std::filesystem::path(HAIVE_TEST_CLI).parent_path().string() +
                                 ":$PATH; source haive.bash; COMP_WORDS=(haive-mcp tools a); COMP_CWORD=2; "
                                 "_haive_mcp; echo \"${COMPREPLY[@]}\" > got");
    const std::string go = "cd '" + folder.path() + "' && bash try.bash";
    ASSERT_EQ(std::system(go.c_str()), 0);
    EXPECT_EQ(text_of(folder.path("got")), "alpha\n");
}

TEST(CliHelp, the_manual_page_knows_every_command_and_option) {
    const std::string page = text_of(HAIVE_TEST_MANUAL);
    ASSERT_FALSE(page.empty());
    std::string plain;  // roff writes - as \-
    for (std::size_t i = 0; i < page.size(); ++i) {
        if (page[i] != '\\' || i + 1 == page.size() || page[i + 1] != '-') plain += page[i];
    }
    for (const auto& command : commands) EXPECT_TRUE(holds(plain, command)) << command;
    std::string help = run({"--help"}).out;
    for (const auto& command : commands) help += run({command, "--help"}).out;
    for (const auto& option : options_in(help)) EXPECT_TRUE(holds(plain, option)) << option;
}
