// The documented examples, run as they are.
#include "integration/support/program.hpp"
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string example(const char* name) { return std::string(HAIVE_TEST_EXAMPLES) + "/example_" + name; }

TEST(Examples, TheFirstListsTools) {
    Program program({example("1_basic"), HAIVE_TEST_SERVER, "--quiet"});
    EXPECT_EQ(program.finish(), 0) << program.output();
    EXPECT_THAT(program.output(), HasSubstr("echo\n"));
    EXPECT_THAT(program.output(), HasSubstr("read_file\n"));
}

TEST(Examples, TheSecondIsMonitoredAndHealthy) {
    Program program({example("2_monitoring"), HAIVE_TEST_SERVER, "--quiet"});
    EXPECT_EQ(program.finish(), 0) << program.output();
    EXPECT_EQ(program.output(), "filesystem: connected, score 1.00\n");
}

TEST(Examples, TheThirdReadsAFileOnceItIsHealthy) {
    TempFolder folder;
    const std::string file = folder.file("note.txt", "what the note says\n");
    Program program({example("3_status_check"), file, HAIVE_TEST_SERVER, "--quiet", folder.path()});
    EXPECT_EQ(program.finish(), 0) << program.output();
    EXPECT_THAT(program.output(), StartsWith("not healthy: nothing was called\n"));
    EXPECT_THAT(program.output(), HasSubstr("what the note says"));
}

TEST(Examples, TheThirdSaysWhenTheServerDeniesTheFile) {
    TempFolder allowed;
    TempFolder other;
    Program program(
        {example("3_status_check"), other.file("x", "secret"), HAIVE_TEST_SERVER, "--quiet", allowed.path()});
    EXPECT_EQ(program.finish(), 1) << program.output();
    EXPECT_THAT(program.output(), HasSubstr("Access denied"));
}

TEST(Examples, EachSaysWhyWhenTheServerCannotBeStarted) {
    for (const auto* name : {"1_basic", "2_monitoring"}) {
        Program program({example(name), "/no/such/server"});
        EXPECT_EQ(program.finish(), 3) << name;
    }
    Program program({example("3_status_check"), "/etc/hostname", "/no/such/server"});
    EXPECT_EQ(program.finish(), 3);
}

TEST(Examples, NoneNeedsMoreThanAMomentToEnd) {
    for (const auto* name : {"1_basic", "2_monitoring"}) {
        Program program({example(name), HAIVE_TEST_SERVER, "--quiet"});
        EXPECT_LT(time_of([&] { program.finish(); }), 2s) << name;
    }
}

}  // namespace
}  // namespace haive::mcp::testing
