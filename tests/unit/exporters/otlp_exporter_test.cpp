#include "haive/mcp/exporters/otlp_exporter.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace haive::mcp {
namespace {

CallRecord record() {
    CallRecord r;
    r.server = "s";
    r.method = "tools/list";
    r.trace.trace[0] = 1;
    r.trace.span[0] = 1;
    return r;
}

TEST(OtlpExporter, what_waits_is_written_at_the_end) {
    OtlpOptions options;
    options.target = ::testing::TempDir() + "haive_otlp.jsonl";
    options.interval = Seconds(3600);
    std::remove(options.target.c_str());
    auto metrics = std::make_shared<Metrics>();
    auto exporter = *OtlpExporter::open(options, metrics);
    exporter->on_call(record());
    CallRecord not_sampled = record();
    not_sampled.trace.sampled = false;
    exporter->on_call(not_sampled);
    exporter->finish();
    EXPECT_EQ(exporter->counts().exported, 1U);
    std::ifstream in(options.target);
    std::string traces, measured;
    ASSERT_TRUE(std::getline(in, traces) && std::getline(in, measured));
    EXPECT_TRUE(boost::json::parse(traces).as_object().contains("resourceSpans"));
    EXPECT_TRUE(boost::json::parse(measured).as_object().contains("resourceMetrics"));
    std::remove(options.target.c_str());
}

TEST(OtlpExporter, a_full_queue_drops_and_counts) {
    OtlpOptions options;
    options.target = "/dev/null";
    options.interval = Seconds(3600);
    options.queue = 2;
    auto exporter = *OtlpExporter::open(options, nullptr);
    for (int i = 0; i < 5; ++i) exporter->on_call(record());
    exporter->finish();
    EXPECT_EQ(exporter->counts().exported, 2U);
    EXPECT_EQ(exporter->counts().dropped, 3U);
}

TEST(OtlpExporter, a_collector_that_is_not_there_loses_spans_and_nothing_else) {
    OtlpOptions options;
    options.target = "http://127.0.0.1:1";
    options.interval = Seconds(3600);
    auto exporter = *OtlpExporter::open(options, nullptr);
    exporter->on_call(record());
    exporter->finish();
    EXPECT_EQ(exporter->counts().dropped, 1U);
    EXPECT_GE(exporter->counts().failures, 1U);
}

TEST(OtlpExporter, a_target_that_cannot_be_is_refused) {
    OtlpOptions options;
    options.target = "/nonexistent/folder/file";
    const auto exporter = OtlpExporter::open(options, nullptr);
    ASSERT_TRUE(exporter.has_error());
    EXPECT_EQ(exporter.error().kind(), ErrorKind::invalid_config);
}

}  // namespace
}  // namespace haive::mcp
