#include "transport/stdio/mend_hints.hpp"

#include <gtest/gtest.h>

#include <csignal>

using namespace haive::mcp;

namespace {

/// What the real programs print.
struct LastWords {
    const char* text;
    const char* hint;  // a word of the mend
};

}  // namespace

TEST(MendHints, last_words_of_launchers_and_languages_are_understood) {
    for (const LastWords& words : {
             LastWords{"npm error code E404\nnpm error 404 Not Found - GET "
                       "https://registry.example/nope",
                       "npm package"},
             LastWords{"npm ERR! code E404", "npm package"},
             LastWords{"npm error code ENOTFOUND", "network"},
             LastWords{"npm error could not determine executable to run", "no program"},
             LastWords{"Error: Cannot find module '/srv/index.js'\n  code: 'MODULE_NOT_FOUND'", "npm install"},
             LastWords{"ModuleNotFoundError: No module named 'mcp'", "Python module"},
             LastWords{"  x No solution found when resolving tool dependencies:", "uv"},
             LastWords{"Because nope was not found in the package registry", "Python package"},
             LastWords{"Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", "start docker"},
             LastWords{"Unable to find image 'x:latest' locally", "docker image"},
             LastWords{"Error: listen EADDRINUSE: address already in use :::3000", "port"},
             LastWords{"srv: error while loading shared libraries: libx.so.1: cannot open", "shared library"},
             LastWords{"/lib/libc.so.6: version `GLIBC_2.38' not found", "newer system"},
             LastWords{"Please provide an API key", "API key"},
             LastWords{"Error: GITHUB_TOKEN environment variable is required", "environment variable"},
             LastWords{"EACCES: permission denied, open '/data'", "permissions"},
             LastWords{"ENOENT: no such file or directory, stat '/nope'", "does not exist"},
             LastWords{"Usage: mcp-server-filesystem <allowed-directory>", "arguments"},
         }) {
        EXPECT_NE(mend_hint(1, std::nullopt, words.text).find(words.hint), std::string::npos)
            << words.text << " -> " << mend_hint(1, std::nullopt, words.text);
    }
}

TEST(MendHints, words_count_in_any_case) { EXPECT_EQ(mend_hint(1, {}, "USAGE: X"), mend_hint(1, {}, "usage: x")); }

TEST(MendHints, the_launchers_reason_wins_over_the_systems) {
    EXPECT_NE(mend_hint(1, {}, "npm error code E404\nENOENT: no such file or directory").find("npm package"),
              std::string::npos);
}

TEST(MendHints, without_words_the_exit_status_speaks) {
    EXPECT_NE(mend_hint(127, {}, "").find("PATH"), std::string::npos);
    EXPECT_NE(mend_hint(126, {}, "").find("permissions"), std::string::npos);
    EXPECT_NE(mend_hint({}, SIGKILL, "").find("memory"), std::string::npos);
    EXPECT_NE(mend_hint({}, SIGSEGV, "").find("crashed"), std::string::npos);
    EXPECT_NE(mend_hint({}, SIGABRT, "").find("crashed"), std::string::npos);
}

TEST(MendHints, nothing_is_invented_when_nothing_is_known) {
    EXPECT_EQ(mend_hint(1, {}, "some words"), "");
    EXPECT_EQ(mend_hint(0, {}, ""), "");
    EXPECT_EQ(mend_hint({}, SIGTERM, ""), "");
    EXPECT_EQ(mend_hint({}, {}, ""), "");
}

TEST(MendHints, the_end_of_a_process_is_described_in_a_few_words) {
    EXPECT_EQ(describe_end(3, {}), "exit code 3");
    EXPECT_EQ(describe_end({}, SIGKILL), "signal 9 (SIGKILL)");
    EXPECT_EQ(describe_end({}, 200), "signal 200");
    EXPECT_EQ(describe_end({}, {}), "an unknown exit status");
}
