#include "transport/stdio/command_resolver.hpp"

#include <gtest/gtest.h>

#include <map>

using namespace haive::mcp;

namespace {

/// A file system of a few names.
FileProbe files(std::map<std::string, FileKind> known) {
    return [known = std::move(known)](const std::string& path) {
        const auto found = known.find(path);
        return found == known.end() ? FileKind::absent : found->second;
    };
}

Error refused(const Result<std::string>& result) {
    EXPECT_TRUE(result.has_error());
    if (!result.has_error()) return {};
    EXPECT_EQ(result.error().kind(), ErrorKind::invalid_command);
    EXPECT_FALSE(result.error().details().mend.empty()) << result.error().message();
    return result.error();
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(CommandResolver, the_first_program_along_path_wins) {
    const auto probe = files({{"/b/npx", FileKind::program}, {"/c/npx", FileKind::program}});
    EXPECT_EQ(*resolve_command("npx", "/a:/b:/c", "", probe), "/b/npx");
}

TEST(CommandResolver, directories_and_plain_files_along_path_are_passed_over) {
    const auto probe =
        files({{"/a/srv", FileKind::directory}, {"/b/srv", FileKind::not_executable}, {"/c/srv", FileKind::program}});
    EXPECT_EQ(*resolve_command("srv", "/a:/b:/c", "", probe), "/c/srv");
}

TEST(CommandResolver, an_empty_part_of_path_is_the_working_directory) {
    const auto probe = files({{"./srv", FileKind::program}});
    for (const char* path : {":/a", "/a:", "/a::/b", ""})
        EXPECT_TRUE(resolve_command("srv", path, "", probe).has_value()) << path;
    EXPECT_TRUE(resolve_command("srv", "/a:/b", "", probe).has_error());
}

TEST(CommandResolver, a_command_that_is_nowhere_is_shown_with_the_searched_path) {
    const auto error = refused(resolve_command("nope", "/usr/bin:/bin", "", files({})));
    EXPECT_TRUE(holds(error.message(), "'nope' not found"));
    EXPECT_TRUE(holds(error.message(), "/usr/bin:/bin"));
    EXPECT_TRUE(holds(refused(resolve_command("nope", "", "", files({}))).message(), "PATH is empty"));
}

TEST(CommandResolver, well_known_launchers_get_a_hint_of_their_own) {
    EXPECT_TRUE(holds(refused(resolve_command("npx", "/a", "", files({}))).details().mend, "Node.js"));
    EXPECT_TRUE(holds(refused(resolve_command("uvx", "/a", "", files({}))).details().mend, "uv"));
    EXPECT_TRUE(holds(refused(resolve_command("docker", "/a", "", files({}))).details().mend, "docker"));
}

TEST(CommandResolver, a_whole_command_line_in_command_is_told_to_be_split) {
    const auto error = refused(resolve_command("npx -y some-server", "/a", "", files({})));
    EXPECT_TRUE(holds(error.details().mend, "'npx'"));
    EXPECT_TRUE(holds(error.details().mend, "args"));
    EXPECT_TRUE(holds(refused(resolve_command("/usr/bin/npx -y x", "/a", "", files({}))).details().mend, "args"));
}

TEST(CommandResolver, a_program_whose_name_holds_a_space_is_found) {
    const auto probe = files({{"/opt/my server/run", FileKind::program}, {"/a/my srv", FileKind::program}});
    EXPECT_EQ(*resolve_command("/opt/my server/run", "", "", probe), "/opt/my server/run");
    EXPECT_EQ(*resolve_command("my srv", "/a", "", probe), "/a/my srv");
}

TEST(CommandResolver, a_slash_means_a_path_and_path_is_not_searched) {
    const auto probe = files({{"/a/bin/srv", FileKind::program}});
    EXPECT_TRUE(holds(refused(resolve_command("bin/srv", "/a", "", probe)).message(), "'bin/srv'"));
    EXPECT_EQ(*resolve_command("/a/bin/srv", "", "/elsewhere", probe), "/a/bin/srv");
}

TEST(CommandResolver, relative_paths_are_relative_to_the_servers_folder) {
    const auto probe = files({{"/site/./srv", FileKind::program}, {"./srv", FileKind::program}});
    EXPECT_EQ(*resolve_command("./srv", "", "/site", probe), "/site/./srv");
    EXPECT_EQ(*resolve_command("./srv", "", "", probe), "./srv");
}

TEST(CommandResolver, a_directory_and_a_file_without_x_say_what_they_are) {
    const auto probe = files({{"/d", FileKind::directory}, {"/f.py", FileKind::not_executable}});
    EXPECT_TRUE(holds(refused(resolve_command("/d", "", "", probe)).message(), "directory"));
    const auto file = refused(resolve_command("/f.py", "", "", probe));
    EXPECT_TRUE(holds(file.message(), "not executable"));
    EXPECT_TRUE(holds(file.details().mend, "interpreter"));
    EXPECT_TRUE(
        holds(refused(resolve_command("f.py", "/:/bin", "", files({{"//f.py", FileKind::not_executable}}))).message(),
              "not executable"));
}

TEST(CommandResolver, nothing_and_nul_are_refused) {
    (void)refused(resolve_command("", "/bin", "", files({{"/bin/", FileKind::directory}})));
    (void)refused(resolve_command(std::string_view("a\0b", 3), "/bin", "", files({})));
}

TEST(CommandResolver, the_real_probe_knows_the_four_kinds) {
    EXPECT_EQ(probe_file("/bin/sh"), FileKind::program);
    EXPECT_EQ(probe_file("/"), FileKind::directory);
    EXPECT_EQ(probe_file("/etc/passwd"), FileKind::not_executable);
    EXPECT_EQ(probe_file("/nonexistent/x"), FileKind::absent);
}
