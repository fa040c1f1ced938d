#include "transport/stdio/secret_mask.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {

std::string shown(const std::vector<std::string>& args, const std::map<std::string, std::string>& env = {}) {
    return SecretMask(env).command_line("srv", args);
}

}  // namespace

TEST(SecretMask, names_of_secrets_are_known) {
    for (const char* name : {"API_KEY", "GITHUB_TOKEN", "--token", "db-password", "ClientSecret", "AWS_ACCESS_KEY_ID",
                             "GITHUB_PAT", "Authorization-Bearer", "x-api-key"}) {
        EXPECT_TRUE(names_a_secret(name)) << name;
    }
    for (const char* name : {"PATH", "HOME", "PORT", "--verbose", "KEYBOARD", "monkey", "LOG_LEVEL"}) {
        EXPECT_FALSE(names_a_secret(name)) << name;
    }
}

// Fails today: "_pat" (personal access token) is within "_path".
TEST(SecretMask, a_path_is_no_personal_access_token) {
    for (const char* name : {"MY_PATH", "NODE_PATH", "--data_path"}) EXPECT_FALSE(names_a_secret(name)) << name;
}

TEST(SecretMask, values_of_secret_variables_are_hidden_wherever_they_stand) {
    const SecretMask mask({{"API_KEY", "k-123"}});
    EXPECT_EQ(mask.hide("bad key k-123, really: k-123!"), "bad key ***, really: ***!");
    EXPECT_EQ(mask.hide("nothing here"), "nothing here");
}

TEST(SecretMask, long_values_of_any_variable_are_hidden_as_well) {
    EXPECT_EQ(SecretMask({{"SESSION", "abcdefgh12345"}}).hide("sent abcdefgh12345"), "sent ***");
}

TEST(SecretMask, flags_paths_and_sentences_stay_readable) {
    const SecretMask mask(
        {{"DEBUG", "1"}, {"MODE", "true"}, {"DATA", "/folk/ann/data"}, {"GREETING", "hello dear world"}});
    EXPECT_EQ(mask.hide("1 true /folk/ann/data hello dear world"), "1 true /folk/ann/data hello dear world");
}

TEST(SecretMask, the_longest_secret_is_hidden_first) {
    const SecretMask mask({{"A_TOKEN", "secret"}, {"B_TOKEN", "secret-and-more"}});
    EXPECT_EQ(mask.hide("secret-and-more secret"), "*** ***");
}

TEST(SecretMask, a_secret_that_looks_like_the_mask_ends) {
    EXPECT_EQ(SecretMask({{"A_TOKEN", "***"}}).hide("a ****** b"), "a ****** b");
    EXPECT_EQ(SecretMask({{"A_TOKEN", ""}}).hide("text"), "text");
}

TEST(SecretMask, what_follows_a_secrets_name_in_the_arguments_is_hidden) {
    EXPECT_EQ(shown({"--token", "hunter2"}), "srv --token ***");
    EXPECT_EQ(shown({"--api-key=hunter2", "dir"}), "srv '--api-key=***' dir");
    EXPECT_EQ(shown({"PASSWORD=hunter2"}), "srv 'PASSWORD=***'");
    EXPECT_EQ(shown({"-e", "TOKEN=hunter2"}), "srv -e 'TOKEN=***'");
}

TEST(SecretMask, an_option_after_a_secrets_name_is_an_option) {
    EXPECT_EQ(shown({"--no-token", "--verbose", "x"}), "srv --no-token --verbose x");
}

TEST(SecretMask, secrets_of_the_environment_are_hidden_in_the_arguments) {
    EXPECT_EQ(shown({"at k-12345678"}, {{"API_KEY", "k-12345678"}}), "srv 'at ***'");
}

TEST(SecretMask, urls_are_shown_without_user_query_and_keys) {
    EXPECT_EQ(shown({"https://u:pw@host/s/0a1b2c3d4e5f60718293/mcp?k=v"}), "srv 'https://***@host/s/***/mcp?***'");
    EXPECT_EQ(shown({"--url=https://host/s/0a1b2c3d4e5f60718293"}), "srv '--url=https://host/s/***'");
    EXPECT_EQ(shown({"https://host/mcp"}), "srv https://host/mcp");
}

TEST(SecretMask, arguments_are_quoted_as_one_would_type_them) {
    EXPECT_EQ(shown({"plain", "a b", "", "it's", "$HOME", "a*"}), R"(srv plain 'a b' '' 'it'\''s' '$HOME' 'a*')");
}
