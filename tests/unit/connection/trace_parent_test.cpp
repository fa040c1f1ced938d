#include "connection/trace_parent.hpp"

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

constexpr const char* example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceParent, is_read_and_written_as_the_recommendation_says) {
    const auto context = parse_trace_parent(example);
    ASSERT_TRUE(context);
    EXPECT_EQ(trace_parent_text(*context), example);
    EXPECT_TRUE(context->sampled);
}

TEST(TraceParent, anything_else_is_refused) {
    EXPECT_FALSE(parse_trace_parent(""));
    EXPECT_FALSE(parse_trace_parent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
    EXPECT_FALSE(parse_trace_parent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
    EXPECT_FALSE(parse_trace_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"));
    EXPECT_FALSE(parse_trace_parent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    EXPECT_FALSE(parse_trace_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"));
}

TEST(TraceParent, a_call_joins_the_trace_of_its_caller) {
    SplitMix random(7);
    boost::json::object meta;
    meta["traceparent"] = example;
    const TraceContext call = first_span(meta, random);
    const TraceContext attempt = child_span(call, random);
    EXPECT_EQ(trace_parent_text(call).substr(0, 36), std::string(example).substr(0, 36));
    EXPECT_EQ(call.parent, parse_trace_parent(example)->span);
    EXPECT_EQ(attempt.parent, call.span);
    EXPECT_NE(attempt.span, call.span);
    const TraceContext alone = first_span({}, random);
    EXPECT_NE(alone.trace, call.trace);
    EXPECT_EQ(alone.parent, decltype(alone.parent){});
}

}  // namespace
}  // namespace haive::mcp
