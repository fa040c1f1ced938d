#include "transport/stdio/environment_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace haive::mcp;

namespace {

const Environment host{
    {"PATH", "/usr/bin"}, {"HOME", "/folk/ann"},   {"LC_ALL", "C.UTF-8"}, {"AWS_SECRET_ACCESS_KEY", "s3cr3t"},
    {"LANG", "de"},       {"SSH_AUTH_SOCK", "/s"}, {"NO_PROXY", "local"}, {"https_proxy", "http://p"},
    {"EDITOR", "vi"},     {"XDG_CACHE_HOME", "/c"}};

}  // namespace

TEST(EnvironmentPlan, a_server_gets_what_programs_need_and_no_secrets) {
    const auto plan = plan_environment(host, {});
    EXPECT_EQ(plan.at("PATH"), "/usr/bin");
    EXPECT_EQ(plan.at("HOME"), "/folk/ann");
    EXPECT_EQ(plan.at("LC_ALL"), "C.UTF-8");
    EXPECT_EQ(plan.at("XDG_CACHE_HOME"), "/c");
    EXPECT_FALSE(plan.contains("AWS_SECRET_ACCESS_KEY"));
    EXPECT_FALSE(plan.contains("SSH_AUTH_SOCK"));
    EXPECT_FALSE(plan.contains("EDITOR"));
}

TEST(EnvironmentPlan, configured_variables_are_merged_over_the_hosts_never_alone) {
    StdioOptions options;
    options.env = {{"TOKEN", "t"}, {"LANG", "en"}};
    const auto plan = plan_environment(host, options);
    EXPECT_EQ(plan.at("TOKEN"), "t");
    EXPECT_EQ(plan.at("LANG"), "en");
    EXPECT_EQ(plan.at("PATH"), "/usr/bin");
}

TEST(EnvironmentPlan, single_variables_can_be_let_through) {
    StdioOptions options;
    options.inherit = {"EDITOR", "NOT_SET"};
    const auto plan = plan_environment(host, options);
    EXPECT_EQ(plan.at("EDITOR"), "vi");
    EXPECT_FALSE(plan.contains("NOT_SET"));
    EXPECT_FALSE(plan.contains("SSH_AUTH_SOCK"));
}

TEST(EnvironmentPlan, everything_can_be_let_through) {
    StdioOptions options;
    options.inherit_all = true;
    options.env = {{"EDITOR", "emacs"}};
    const auto plan = plan_environment(host, options);
    EXPECT_EQ(plan.size(), host.size());
    EXPECT_EQ(plan.at("AWS_SECRET_ACCESS_KEY"), "s3cr3t");
    EXPECT_EQ(plan.at("EDITOR"), "emacs");
}

TEST(EnvironmentPlan, exported_shell_functions_never_pass) {
    const Environment attacked{{"HOME", "() { :;}; echo pwned"}, {"BASH_FUNC_x%%", "() { echo; }"}, {"PATH", "/bin"}};
    StdioOptions options;
    options.inherit_all = true;
    const auto plan = plan_environment(attacked, options);
    EXPECT_EQ(plan.size(), 1u);
    EXPECT_TRUE(plan.contains("PATH"));
}

TEST(EnvironmentPlan, assignments_are_as_exec_wants_them) {
    EXPECT_EQ(as_assignments({{"A", "1"}, {"B", "x=y"}, {"C", ""}}), (std::vector<std::string>{"A=1", "B=x=y", "C="}));
}

TEST(EnvironmentPlan, names_and_values_that_exec_would_garble_are_problems) {
    const auto problem = [](std::string name, std::string value) {
        StdioOptions options;
        options.env = {{std::move(name), std::move(value)}};
        return environment_problem(options);
    };
    EXPECT_EQ(problem("GOOD", "x=y z"), "");
    EXPECT_NE(problem("", "x"), "");
    EXPECT_NE(problem("A=B", "x"), "");
    EXPECT_NE(problem(std::string("A\0B", 3), "x"), "");
    EXPECT_NE(problem("A", std::string("x\0y", 3)).find("A"), std::string::npos);
}

TEST(EnvironmentPlan, the_hosts_environment_is_read) {
    const auto mine = host_environment();
    EXPECT_TRUE(mine.contains("PATH"));
    EXPECT_FALSE(mine.contains(""));
}
