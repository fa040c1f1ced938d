// The server's stderr: kept for errors, handed on by lines, and free of secrets.
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

/// A server that says what it was given, on stderr, and dies.
std::string talkative(const TempFolder& folder) {
    return folder.file("talkative", "#!/bin/sh\necho \"using key $SERVICE_KEY and file $DATA_FILE\" >&2\nexit 3\n",
                       true);
}

TEST(ServerStderr, ItsTailIsInTheError) {
    TempFolder folder;
    Served served({"one"}, StdioOptions(), quick(), talkative(folder));
    const auto failed = served.connection.connect().wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_THAT(failed.error().details().stderr_tail, HasSubstr("using key"));
    EXPECT_THAT(failed.error().to_string(), HasSubstr("using key"));
    EXPECT_THAT(served.connection.explain().stderr_tail, HasSubstr("using key"));
}

TEST(ServerStderr, SecretsOfTheEnvironmentAreMaskedEverywhere) {
    TempFolder folder;
    const std::string secret = "s3cr3t-value-of-the-test";
    StdioOptions options;
    options.env = {{"SERVICE_KEY", secret}, {"DATA_FILE", "/data/file.txt"}};
    Served served({"--api-key", secret, "--token=" + secret, "plain"}, options, quick(), talkative(folder));
    const auto failed = served.connection.connect().wait();
    ASSERT_TRUE(failed.has_error());
    const std::string error = failed.error().to_string();
    EXPECT_THAT(error, HasSubstr("using key *** and file /data/file.txt"));
    const auto explanation = served.connection.explain();
    const auto info = served.connection.get_info();
    for (const std::string& text :
         {error, explanation.to_string(), json::serialize(explanation.to_json()), info.last_error.value_or(""),
          json::serialize(info.metadata), served.log->story(), json::serialize(served.connection.health_check().get()),
          info.transport->describe()}) {
        EXPECT_THAT(text, Not(HasSubstr(secret)));
    }
    EXPECT_THAT(info.transport->describe(), HasSubstr("plain"));
    EXPECT_THAT(served.lines->all(), Contains("using key *** and file /data/file.txt"));
}

TEST(ServerStderr, EveryLineReachesTheCallback) {
    TempFolder folder;
    const std::string server = folder.file("lines",
                                           "#!/bin/sh\nprintf 'first\\nsecond\\r\\n' >&2; printf 'third' >&2; sleep "
                                           "0.05; printf ' goes on\\n' >&2\nexec \"$@\"\n",
                                           true);
    Served served({HAIVE_TEST_SERVER, "--quiet"}, StdioOptions(), quick(), server);
    served.connect();
    ASSERT_TRUE(eventually([&] { return served.lines->all().size() >= 3; }));
    EXPECT_EQ(served.lines->all(), (Args{"first", "second", "third goes on"}));
}

TEST(ServerStderr, ALineWithoutEndIsCutAndTheTailIsBounded) {
    TempFolder folder;
    const std::string server =
        folder.file("endless", "#!/bin/sh\nhead -c 300000 /dev/zero | tr '\\0' x >&2\necho >&2\nexit 1\n", true);
    Served served({}, StdioOptions(), quick(), server);
    const auto failed = served.connection.connect().wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_LE(failed.error().details().stderr_tail.size(), 16384U);
    ASSERT_THAT(served.lines->all(), SizeIs(1));
    EXPECT_EQ(served.lines->all().front().size(), 4096U);
}

TEST(ServerStderr, TheLinesOfALiveServerCanBeReadOff) {
    Served served;
    served.connect();
    served.connection.health_check().get();
    const auto info = served.connection.get_info();
    EXPECT_THAT(std::string(info.metadata.at("stderr_tail").as_string()), HasSubstr("is ready"));
}

}  // namespace
}  // namespace haive::mcp::testing
