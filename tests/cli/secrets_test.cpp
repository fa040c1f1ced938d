// Secrets in every place where people put them; none of them comes out of the command, whatever it writes.
#include "cli/command.hpp"

#include <gtest/gtest.h>

#include <csignal>

using namespace cli_test;

namespace {

constexpr const char* key = "c4n4ry0123456789abcdef";  // a key by its shape
constexpr const char* word = "c4n4ry-word";            // by its place only

/// Says odd things on stdout before it behaves: an escape sequence, a token, a word.
std::string odd_server() {
    return std::string(R"({"command": "sh", "env": {"SERVICE_TOKEN": ")") + word +
           R"("}, "args": ["-c", "printf '\\033]0;x\\007\\033[2Jlogged in with API_TOKEN=%s\\n' \"$SERVICE_TOKEN\"; exec )" +
           HAIVE_TEST_SERVER + R"( --quiet"]})";
}

std::string config() {
    return config_of({}, R"({"odd": )" + odd_server() + R"(,
        "keyed": {"url": "http://127.0.0.1:9/api/s/)" +
                             key + R"(/mcp?key=)" + word + R"(",
                  "headers": {"Authorization": "Bearer )" +
                             word + R"("}, "connection_timeout": 2},
        "bridge": {"command": "/nonexistent/bridge", "args": ["http://u:)" +
                             word + "@h/s/" + key + R"("]}})");
}

void expect_none(const std::string& what, const std::string& text) {
    EXPECT_FALSE(holds(text, "c4n4ry")) << what << ":\n" << text;
}

}  // namespace

TEST(CliSecrets, none_in_what_is_printed) {
    const Folder folder;
    folder.write("mcp.json", config());
    for (const Words& words :
         {Words{"servers"}, Words{"servers", "--json"}, Words{"config", "show"}, Words{"config", "show", "--json"},
          Words{"config", "check"}, Words{"explain", "keyed"}, Words{"explain", "bridge"}, Words{"status", "--json"},
          Words{"tools", "keyed"}, Words{"monitor", "--for", "1s", "--json"}}) {
        const auto done = run(words, {.cwd = folder.path()});
        expect_none(words[0], done.out + done.err);
        EXPECT_GT(done.out.size() + done.err.size(), 40u) << words[0];
    }
}

TEST(CliSecrets, a_server_given_by_url_is_named_without_its_key) {
    const std::string url = std::string("http://127.0.0.1:9/api/s/") + key + "/mcp?key=" + word;
    const auto explained = run({"explain", url});
    expect_none("explain", explained.out + explained.err);
    EXPECT_TRUE(holds(explained.out, "http://127.0.0.1:9/api/s/***/mcp")) << explained;
    const auto both = run({"status", url, url + "2", "--json"});
    expect_none("status", both.out + both.err);
    EXPECT_EQ(both.json().at("servers").as_array().size(), 2u) << "two keys, two servers" << both;
}

TEST(CliSecrets, none_in_logs_records_and_metrics) {
    const Folder folder;
    folder.write("mcp.json", config());
    for (const char* level : {"info", "debug", "trace"}) {
        const Words words{"monitor", "--for",  "2s",   "--json",   "--log",  level,       "--log-file",
                          "log",     "--otlp", "otlp", "--record", "record", "--metrics", "0"};
        const auto done = run(words, {.cwd = folder.path()});
        ASSERT_EQ(done.code, 0) << done;
        EXPECT_TRUE(holds(done.err, "odd: ")) << done;
        expect_none("stdout", done.out);
        expect_none("the log on stderr", done.err);
        EXPECT_FALSE(holds(done.err, "\x1b")) << "a server's text has no power over the terminal\n" << done;
        for (const char* file : {"log", "otlp", "record"}) {
            const auto text = text_of(folder.path(file));
            EXPECT_GT(text.size(), 200u) << file;
            expect_none(file, text);
        }
    }
}

TEST(CliSecrets, the_log_tells_how_much_a_server_said_and_what_when_asked) {
    const Folder folder;
    folder.write("mcp.json", config_of({}, R"({"odd": )" + odd_server() + "}"));
    const auto brief = run({"tools", "odd", "--log", "info"}, {.cwd = folder.path()});
    EXPECT_TRUE(holds(brief.err, " bytes (--log debug shows them)")) << brief;
    const auto whole = run({"tools", "odd", "--log", "debug"}, {.cwd = folder.path()});
    EXPECT_TRUE(holds(whole.err, "logged in with API_TOKEN=***")) << whole;
    EXPECT_TRUE(holds(whole.err, "^[[2J")) << whole;
}
