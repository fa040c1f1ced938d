#include "exporters/otlp_json.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

CallRecord record() {
    CallRecord r;
    r.server = "files";
    r.method = "tools/call";
    r.name = "echo";
    r.attempt = 2;
    r.wall_began = std::chrono::system_clock::time_point(1'700'000'000s);
    r.elapsed = 1500ms;
    r.trace.trace[0] = 0xab;
    r.trace.span[7] = 0x01;
    return r;
}

json::value attribute(const json::object& span, std::string_view key) {
    for (const auto& a : span.at("attributes").as_array()) {
        if (a.at("key").as_string() == key) return a.at("value").as_object().begin()->value();
    }
    return nullptr;
}

TEST(OtlpJson, a_span_follows_the_encoding_of_the_specification) {
    const std::vector<OtlpSpan> spans{otlp_span(record())};
    const auto body = json::parse(otlp_traces(spans, "me"));
    const auto& one = body.at("resourceSpans").at(0).as_object();
    EXPECT_EQ(one.at("resource").at("attributes").at(0).at("value").at("stringValue").as_string(), "me");
    const auto& span = one.at("scopeSpans").at(0).at("spans").at(0).as_object();
    EXPECT_EQ(span.at("traceId").as_string(), "ab000000000000000000000000000000");
    EXPECT_EQ(span.at("spanId").as_string(), "0000000000000001");
    EXPECT_FALSE(span.contains("parentSpanId"));
    EXPECT_EQ(span.at("name").as_string(), "tools/call echo");
    EXPECT_EQ(span.at("kind").as_int64(), 3);
    EXPECT_EQ(span.at("startTimeUnixNano").as_string(), "1700000000000000000");
    EXPECT_EQ(span.at("endTimeUnixNano").as_string(), "1700000001500000000");
    EXPECT_EQ(attribute(span, "gen_ai.tool.name").as_string(), "echo");
    EXPECT_EQ(attribute(span, "mcp.client.request.attempt").as_string(), "2");
    EXPECT_FALSE(span.contains("status"));
}

TEST(OtlpJson, a_failure_is_marked_and_typed) {
    CallRecord r = record();
    r.kind = ErrorKind::connection_lost;
    r.error_type = "connection_lost";
    r.disposition = Disposition::maybe_executed;
    const std::vector<OtlpSpan> spans{otlp_span(r)};
    const auto body = json::parse(otlp_traces(spans, "me"));
    const auto& span = body.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0).as_object();
    EXPECT_EQ(span.at("status").at("code").as_int64(), 2);
    EXPECT_EQ(attribute(span, "error.type").as_string(), "connection_lost");
    EXPECT_EQ(attribute(span, "mcp.client.request.disposition").as_string(), "maybe_executed");
}

TEST(OtlpJson, metrics_keep_their_names_types_and_units) {
    Metrics metrics;
    auto server = metrics.server("files");
    server->io[0].add(12);
    server->histograms()->operations.of("tools/list", "").record(CallEnd(), 15ms);
    const auto now = std::chrono::system_clock::now();
    const auto body = json::parse(otlp_metrics(metrics, "me", now - 1s, now));
    const json::object* io = nullptr;
    const json::object* duration = nullptr;
    for (const auto& m : body.at("resourceMetrics").at(0).at("scopeMetrics").at(0).at("metrics").as_array()) {
        if (m.at("name") == "mcp.client.io") io = &m.as_object();
        if (m.at("name") == "mcp.client.operation.duration") duration = &m.as_object();
    }
    ASSERT_TRUE(io != nullptr && duration != nullptr);
    EXPECT_EQ(io->at("unit").as_string(), "By");
    EXPECT_TRUE(io->at("sum").at("isMonotonic").as_bool());
    EXPECT_EQ(io->at("sum").at("aggregationTemporality").as_int64(), 2);
    EXPECT_EQ(io->at("sum").at("dataPoints").at(0).at("asInt").as_string(), "12");
    const auto& point = duration->at("histogram").at("dataPoints").at(0);
    EXPECT_EQ(point.at("count").as_string(), "1");
    EXPECT_EQ(point.at("bucketCounts").as_array().size(), point.at("explicitBounds").as_array().size() + 1);
    EXPECT_EQ(point.at("bucketCounts").at(1).as_string(), "1");
}

}  // namespace
}  // namespace haive::mcp
