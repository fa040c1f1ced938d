#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace haive::mcp::testing {

inline constexpr const char* no_promtool = "there is no promtool: `./dev test` takes it out of Debian's prometheus";

/// What `promtool check metrics` makes of a text.
struct PromtoolVerdict {
    int code = 0;  ///< 0: accepted; 1: not the format; 3: bad names or help
    std::string said;
};

/// Nothing where there is no promtool, neither in build/tools nor in the PATH.
inline std::optional<PromtoolVerdict> promtool_check(const std::string& metrics) {
    std::string program = HAIVE_TEST_TOOLS "/promtool";
    if (access(program.c_str(), X_OK) != 0) {
        if (std::system("command -v promtool > /dev/null 2>&1") != 0) return std::nullopt;
        program = "promtool";
    }
    std::string folder = std::filesystem::temp_directory_path() / "haive-promtool-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) return PromtoolVerdict{-1, "no folder for temporary files"};
    std::ofstream(folder + "/in") << metrics;
    const std::string quoted = "'" + folder + "/";
    const int status =
        std::system(("'" + program + "' check metrics < " + quoted + "in' > " + quoted + "out' 2>&1").c_str());
    std::ostringstream said;
    said << std::ifstream(folder + "/out").rdbuf();
    std::filesystem::remove_all(folder);
    return PromtoolVerdict{WIFEXITED(status) ? WEXITSTATUS(status) : -1, said.str()};
}

}  // namespace haive::mcp::testing
