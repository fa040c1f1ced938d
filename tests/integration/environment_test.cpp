// What a server finds when it starts: its group, its environment, its folder, its arguments.
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::ElementsAre;

json::object environment_with(StdioOptions options) {
    setenv("HAIVE_IT_SECRET_TOKEN", "host-secret", 1);
    setenv("HAIVE_IT_WANTED", "host-wanted", 1);
    Served served({}, std::move(options));
    served.connect();
    auto environment = served.object("env");
    served.connection.disconnect().get();
    return environment;
}

TEST(ServerEnvironment, IsAProcessGroupOfItsOwn) {
    Served served;
    served.connect();
    const auto about = served.object("args");
    EXPECT_EQ(about.at("pid").as_int64(), served.pid());
    EXPECT_EQ(about.at("pgid").as_int64(), served.pid());
    EXPECT_NE(about.at("pgid").as_int64(), getpgrp());
    EXPECT_NE(facts_of(served.pid())->session, getsid(0)) << "a Ctrl-C on our terminal would reach it";
}

TEST(ServerEnvironment, HasTheHostsPathAndHomeButNotItsSecrets) {
    const auto environment = environment_with(StdioOptions());
    EXPECT_EQ(environment.at("PATH").as_string(), getenv("PATH"));
    if (const char* home = getenv("HOME")) {
        EXPECT_EQ(environment.at("HOME").as_string(), home);
    }
    EXPECT_FALSE(environment.contains("HAIVE_IT_SECRET_TOKEN"));
    EXPECT_FALSE(environment.contains("HAIVE_IT_WANTED"));
}

TEST(ServerEnvironment, KeepsPathWhenVariablesAreConfigured) {
    StdioOptions options;
    options.env = {{"API_KEY", "k-123"}, {"HOME", "/configured/home"}};
    const auto environment = environment_with(options);
    EXPECT_EQ(environment.at("PATH").as_string(), getenv("PATH"));
    EXPECT_EQ(environment.at("API_KEY").as_string(), "k-123");
    EXPECT_EQ(environment.at("HOME").as_string(), "/configured/home") << "what is configured wins";
}

TEST(ServerEnvironment, GetsTheHostVariablesThatAreNamed) {
    StdioOptions options;
    options.inherit = {"HAIVE_IT_WANTED", "HAIVE_IT_NOT_THERE"};
    const auto environment = environment_with(options);
    EXPECT_EQ(environment.at("HAIVE_IT_WANTED").as_string(), "host-wanted");
    EXPECT_FALSE(environment.contains("HAIVE_IT_SECRET_TOKEN"));
    EXPECT_FALSE(environment.contains("HAIVE_IT_NOT_THERE"));
}

TEST(ServerEnvironment, GetsAllOfTheHostsOnRequestAndTheConfiguredWins) {
    StdioOptions options;
    options.inherit_all = true;
    options.env = {{"HAIVE_IT_WANTED", "configured"}};
    const auto environment = environment_with(options);
    EXPECT_EQ(environment.at("HAIVE_IT_SECRET_TOKEN").as_string(), "host-secret");
    EXPECT_EQ(environment.at("HAIVE_IT_WANTED").as_string(), "configured");
}

TEST(ServerEnvironment, StartsInTheConfiguredFolder) {
    TempFolder folder;
    StdioOptions options;
    options.cwd = folder.path();
    Served served({}, options);
    served.connect();
    EXPECT_EQ(served.object("args").at("cwd").as_string(), folder.path());
}

TEST(ServerEnvironment, StartsInTheHostsFolderOtherwise) {
    Served served;
    served.connect();
    EXPECT_EQ(served.object("args").at("cwd").as_string(), std::filesystem::current_path().string());
}

TEST(ServerEnvironment, FindsARelativeCommandFromTheConfiguredFolder) {
    TempFolder folder;
    std::filesystem::create_symlink(HAIVE_TEST_SERVER, folder.at("my-server"));
    StdioOptions options;
    options.cwd = folder.path();
    Served served({}, options, quick(), "./my-server");
    served.connect();
    EXPECT_EQ(served.object("args").at("argv").as_array().at(0).as_string(), "./my-server");
}

TEST(ServerEnvironment, FindsACommandOnTheConfiguredPath) {
    TempFolder folder;
    std::filesystem::create_symlink(HAIVE_TEST_SERVER, folder.at("only-here"));
    StdioOptions options;
    options.env = {{"PATH", folder.path()}};
    Served served({}, options, quick(), "only-here");
    EXPECT_NO_THROW(served.connect());
}

TEST(ServerEnvironment, GetsItsArgumentsUntouchedByAnyShell) {
    TempFolder folder;
    const Args args{"a b", "$HOME", "`id`", "*", "\"", "'", "\\", "", ";", "#x", "~", "\n", "\xc3\xa9", "{a,b}", "&&"};
    Served served(args, impatient());
    served.connect();
    const auto about = served.object("args");
    Args seen;
    for (const auto& arg : about.at("argv").as_array()) seen.emplace_back(arg.as_string());
    ASSERT_EQ(seen.size(), args.size() + 1);
    seen.erase(seen.begin());
    EXPECT_EQ(seen, args);
}

TEST(ServerEnvironment, InheritsNoDescriptorButItsThree) {
    const int ours = open("/dev/null", O_RDONLY);  // without close-on-exec, as careless hosts open files
    Served first;
    Served second;
    first.connect();
    second.connect();
    for (const pid_t pid : {first.pid(), second.pid()}) {
        Args held;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
            const int number = std::atoi(entry.path().filename().c_str());
            if (number > 2)
                held.push_back(entry.path().filename().string() + " " +
                               std::filesystem::read_symlink(entry.path()).string());
        }
        EXPECT_THAT(held, ElementsAre());
    }
    close(ours);
}

}  // namespace
}  // namespace haive::mcp::testing
