#include "config/variable_expansion.hpp"

#include <gtest/gtest.h>

#include <map>

using namespace haive::mcp;

namespace {

std::optional<std::string> lookup(std::string_view name) {
    static const std::map<std::string, std::string, std::less<>> variables{
        {"HOME", "/folk/ann"}, {"EMPTY", ""}, {"DOLLAR", "${HOME}"}, {"A", "1"}};
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
}

std::string expanded(std::string_view text) {
    const auto out = expand_variables(text, lookup);
    return out.has_value() ? *out : "error: " + out.error().message();
}

}  // namespace

TEST(VariableExpansion, a_text_without_variables_stays) {
    EXPECT_EQ(expanded(""), "");
    EXPECT_EQ(expanded("plain text"), "plain text");
}

TEST(VariableExpansion, a_variable_is_replaced_wherever_it_stands) {
    EXPECT_EQ(expanded("${HOME}"), "/folk/ann");
    EXPECT_EQ(expanded("a${A}b${A}c"), "a1b1c");
    EXPECT_EQ(expanded("${A}${A}"), "11");
}

TEST(VariableExpansion, the_editors_spelling_with_env_works_too) {
    EXPECT_EQ(expanded("${env:HOME}/notes"), "/folk/ann/notes");
    EXPECT_EQ(expanded("${env:NOT_SET:-x}"), "x");
}

TEST(VariableExpansion, a_default_stands_in_for_unset_and_for_empty) {
    EXPECT_EQ(expanded("${NOT_SET:-there}"), "there");
    EXPECT_EQ(expanded("${EMPTY:-there}"), "there");
    EXPECT_EQ(expanded("${A:-there}"), "1");
    EXPECT_EQ(expanded("${NOT_SET:-}"), "");
    EXPECT_EQ(expanded("${NOT_SET:-a:-b}"), "a:-b");
}

TEST(VariableExpansion, an_empty_variable_is_set) { EXPECT_EQ(expanded("[${EMPTY}]"), "[]"); }

TEST(VariableExpansion, a_variable_that_is_not_set_is_an_error_that_names_it) {
    const auto out = expand_variables("x ${API_TOKEN} y", lookup);
    ASSERT_TRUE(out.has_error());
    EXPECT_EQ(out.error().kind(), ErrorKind::invalid_config);
    EXPECT_NE(out.error().message().find("API_TOKEN"), std::string::npos);
    EXPECT_NE(out.error().details().mend.find("${API_TOKEN:-"), std::string::npos);
}

TEST(VariableExpansion, what_a_variable_holds_is_not_expanded_again) { EXPECT_EQ(expanded("${DOLLAR}"), "${HOME}"); }

TEST(VariableExpansion, two_dollars_write_a_plain_one) {
    EXPECT_EQ(expanded("$${HOME}"), "${HOME}");
    EXPECT_EQ(expanded("$${NOT_SET}"), "${NOT_SET}");
    EXPECT_EQ(expanded("a$${b"), "a${b");
}

TEST(VariableExpansion, other_dollars_and_braces_stay) {
    for (const std::string_view text : {"$HOME", "$", "$$", "100$", "{HOME}", "${", "${HOME", "}{", "a$b}c"}) {
        EXPECT_EQ(expanded(text), text);
    }
}

TEST(VariableExpansion, a_nameless_variable_is_an_error) {
    EXPECT_TRUE(expand_variables("${}", lookup).has_error());
    EXPECT_EQ(expanded("${:-x}"), "x");
}
