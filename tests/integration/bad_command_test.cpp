// Commands that cannot be started: said at once, with what would mend it, and not tried again.
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;

struct Refusal {
    Error error;
    std::chrono::milliseconds took{};
};

/// Connects with a command that must be refused, and checks what all such refusals share.
Refusal refused(const std::string& command, const Args& args = {}, const StdioOptions& stdio = StdioOptions()) {
    Served served(args, stdio, quick(), command);
    served.connection.start_monitoring().get();  // somebody who would love to try again
    Refusal out;
    out.took = time_of([&] {
        auto result = served.connection.connect().wait();
        EXPECT_TRUE(result.has_error()) << "it connected";
        if (result.has_error()) out.error = result.error();
    });
    EXPECT_LT(out.took, 1s);
    EXPECT_EQ(out.error.kind(), ErrorKind::invalid_command) << out.error.to_string();
    EXPECT_EQ(out.error.attempt_class(), AttemptClass::fatal);
    EXPECT_EQ(served.connection.status(), ConnectionStatus::error);
    EXPECT_EQ(served.phase(), "fatal");
    EXPECT_FALSE(served.connection.get_info().metadata.contains("next_attempt_in"));
    EXPECT_EQ(served.log->count_phase("backoff"), 0) << served.log->story();
    return out;
}

TEST(BadCommand, NotFoundNamesThePathThatWasSearched) {
    StdioOptions options;
    options.env = {{"PATH", "/nowhere/bin:/nowhere/else"}};
    const auto refusal = refused("no-such-server", {}, options);
    EXPECT_THAT(refusal.error.to_string(), HasSubstr("no-such-server"));
    EXPECT_THAT(refusal.error.to_string(), HasSubstr("/nowhere/bin:/nowhere/else"));
}

TEST(BadCommand, AnAbsentPathIsNamed) {
    EXPECT_THAT(refused("/no/such/server").error.message(), HasSubstr("/no/such/server"));
}

TEST(BadCommand, ADirectoryIsNoProgram) {
    TempFolder folder;
    EXPECT_THAT(refused(folder.path()).error.message(), HasSubstr("directory"));
}

TEST(BadCommand, AFileThatIsNotExecutable) {
    TempFolder folder;
    const auto refusal = refused(folder.file("server.js", "console.log(1)\n"));
    EXPECT_THAT(refusal.error.message(), HasSubstr("not executable"));
    EXPECT_THAT(refusal.error.details().mend, HasSubstr("chmod +x"));
}

TEST(BadCommand, AFileThatIsNoProgramForThisSystem) {
    TempFolder folder;
    EXPECT_THAT(refused(folder.file("server", "no shebang, no ELF\n", true)).error.details().mend,
                HasSubstr("interpreter"));
}

TEST(BadCommand, AScriptWhoseInterpreterIsMissingIsNotCalledAMissingFile) {
    TempFolder folder;
    const auto refusal = refused(folder.file("server", "#!/no/such/interpreter\n", true));
    EXPECT_THAT(refusal.error.to_string(), HasSubstr("interpreter")) << "the file itself is there";
}

TEST(BadCommand, AFolderToStartInThatIsNotThere) {
    StdioOptions options;
    options.cwd = "/no/such/folder";
    EXPECT_THAT(refused(HAIVE_TEST_SERVER, {}, options).error.message(), HasSubstr("/no/such/folder"));
}

TEST(BadCommand, AFileAsTheFolderToStartIn) {
    StdioOptions options;
    options.cwd = HAIVE_TEST_SERVER;
    refused(HAIVE_TEST_SERVER, {}, options);
}

TEST(BadCommand, AWholeCommandLineInCommandGetsAHint) {
    const auto refusal = refused("npx -y some-server --flag");
    EXPECT_THAT(refusal.error.details().mend, HasSubstr("'npx' into 'command'"));
    EXPECT_THAT(refused("/usr/bin/env some-server").error.details().mend, HasSubstr("args"));
}

TEST(BadCommand, EmptyCommandsAndNulsAreRefused) {
    refused("");
    refused(std::string("ser\0ver", 7));
    EXPECT_THAT(refused(HAIVE_TEST_SERVER, {std::string("a\0b", 3)}).error.message(), HasSubstr("NUL"));
    StdioOptions options;
    options.env = {{"A=B", "c"}};
    EXPECT_THAT(refused(HAIVE_TEST_SERVER, {}, options).error.message(), HasSubstr("A=B"));
}

TEST(BadCommand, ALauncherThatFindsNothingIsTheSameThing) {
    const auto refusal = refused("sh", {"-c", "no-such-server --flag"});
    EXPECT_EQ(refusal.error.details().exit_code, 127);
    EXPECT_THAT(refusal.error.details().stderr_tail, HasSubstr("no-such-server"));
}

TEST(BadCommand, IsForgottenOnceItIsThere) {
    TempFolder folder;
    Served served({}, StdioOptions(), quick(), folder.at("late"));
    EXPECT_TRUE(served.connection.connect().wait().has_error());
    std::filesystem::create_symlink(HAIVE_TEST_SERVER, folder.at("late"));
    EXPECT_NO_THROW(served.connect());
    EXPECT_FALSE(served.connection.get_info().last_error.has_value());
}

}  // namespace
}  // namespace haive::mcp::testing
