#include "base/key_shape.hpp"

#include <gtest/gtest.h>

using namespace haive::mcp;

TEST(KeyShape, keys_are_told_from_words) {
    for (const char* key : {"a1b2c3d4e5f6a7b8c9d0", "sk-live-0123456789abcdefghij", "ZHlkZ2Vpbm1hbmdlcjE5ODc",
                            "123e4567-e89b-12d3-a456-426614174000", "12345678-1234-1234-1234-123456789012"}) {
        EXPECT_TRUE(looks_like_a_key(key)) << key;
    }
    for (const char* word : {"", "mcp", "v1", "a1b2c3d4e5f6a7b8c9d", "a-very-long-name-without-numbers",
                             "12345678901234567890", "12345678-1234-1234-1234-12345678901"}) {
        EXPECT_FALSE(looks_like_a_key(word)) << word;
    }
}

TEST(KeyShape, only_the_keys_of_a_path_are_hidden) {
    const std::string key = "a1b2c3d4e5f6a7b8c9d0";
    EXPECT_EQ(path_without_keys("/api/mcp/s/" + key + "/mcp"), "/api/mcp/s/***/mcp");
    EXPECT_EQ(path_without_keys("/" + key), "/***");
    EXPECT_EQ(path_without_keys("/a/b/"), "/a/b/");
    EXPECT_EQ(path_without_keys("/"), "/");
    EXPECT_EQ(path_without_keys(""), "");
}

TEST(KeyShape, a_urls_host_stays_and_its_query_goes) {
    const std::string key = "a1b2c3d4e5f6a7b8c9d0";
    EXPECT_EQ(url_without_keys("https://" + key + ".example/s/" + key), "https://" + key + ".example/s/***");
    EXPECT_EQ(url_without_keys("https://u:p@h/mcp?k=1"), "https://***@h/mcp?***");
    EXPECT_EQ(url_without_keys("https://h?k=1"), "https://h?***");
    EXPECT_EQ(url_without_keys("https://h/mcp#x"), "https://h/mcp#***");
    EXPECT_EQ(url_without_keys("https://h"), "https://h");
    EXPECT_EQ(url_without_keys("/folk/ann/" + key), "/folk/ann/" + key);
}
