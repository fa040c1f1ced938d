// Secrets go through a whole life of a connection; none of them comes out of any exporter.
#include "exporters/otlp_json.hpp"
#include "haive/mcp/exporters/flight_recorder.hpp"
#include "haive/mcp/exporters/json_log.hpp"
#include "haive/mcp/exporters/prometheus_text.hpp"
#include "haive/mcp/exporters/redaction.hpp"
#include "haive/mcp/observe/fan_out.hpp"
#include "support/step_stream.hpp"

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

namespace haive::mcp::testing {
namespace {

using namespace std::chrono_literals;

/// Everything that was said of calls, as spans.
class Spans final : public CallObserver {
public:
    [[nodiscard]] bool traces() const noexcept override { return true; }
    void on_call(const CallRecord& record) noexcept override { all.push_back(otlp_span(record)); }
    std::vector<OtlpSpan> all;
};

/// Lines of the log, kept.
class Lines final : public EventSink {
public:
    void on_event(const Event& event) noexcept override { text += json_log_line(event) + '\n'; }
    std::string text;
};

constexpr const char* canary = "c4n4ry";

/// A text that holds one.
std::string secret(const std::string& where) { return where + "-" + canary; }

TEST(Canary, no_secret_of_a_conversation_comes_out) {
    auto spans = std::make_shared<Spans>();
    auto recorder = std::make_shared<FlightRecorder>();
    auto lines = std::make_shared<Lines>();
    World w(1, std::make_shared<CallFan>(std::vector<std::shared_ptr<CallObserver>>{spans, recorder}));
    w.rt.runtime->set_event_sink(
        std::make_shared<EventFan>(std::vector<std::shared_ptr<EventSink>>{recorder, lines, w.events}));
    w.wire->known.stderr_tail = secret("stderr");
    auto c = w.connection();
    auto client = w.run(c.connect());
    w.run(c.start_monitoring());

    // Arguments, results, structured results, errors with data, resources with secrets in their URIs.
    json::object arguments;
    arguments["password"] = secret("argument");
    w.script->on_request = [](const json::object& m, const Script::Reply& reply) {
        const auto& method = m.at("method").as_string();
        if (method == "tools/call") {
            const auto& name = m.at("params").at("name").as_string();
            if (name == "refused") {
                reply(Script::error(m, -32602, secret("message"), "\"" + secret("data") + "\""));
            } else if (name == "broken") {
                reply(Script::result(m, R"({"isError":true,"content":[{"type":"text","text":")" + secret("tool") +
                                            "\"}]}"));
            } else if (name != "silent") {
                reply(Script::result(m, R"({"content":[{"type":"text","text":")" + secret("result") + "\"}]}"));
            }
            return true;
        }
        if (method == "resources/read") {
            reply(Script::result(m, R"({"contents":[{"uri":"x:","text":")" + secret("resource") + "\"}]}"));
            return true;
        }
        return false;
    };
    CallOptions options;
    options.meta["vendor"] = secret("meta");
    EXPECT_NE(w.run(client->call_tool("echo", arguments, std::move(options))).text().find(canary), std::string::npos);
    EXPECT_TRUE(w.result(client->call_tool("refused", arguments)).has_error());
    (void)w.run(client->call_tool("broken", arguments));
    (void)w.run(client->read_resource("https://user:" + secret("uri") + "@host/?q=" + secret("query")));
    auto silent = client->call_tool("silent", arguments);
    w.settle();
    // Junk, a notification that nobody knows, a question, an answer to nothing, and the end with a story on stderr.
    w.wire->say(secret("junk") + "\n");
    w.wire->say(R"({"jsonrpc":"2.0","method":"notifications/x","params":{"a":")" + secret("notice") + "\"}}\n");
    w.wire->say(R"({"jsonrpc":"2.0","id":1,"method":"roots/list","params":{"a":")" + secret("question") + "\"}}\n");
    w.wire->say(R"({"jsonrpc":"2.0","id":4711,"result":{"a":")" + secret("late") + "\"}}\n");
    w.settle();
    w.wire->on_open = [](int) {
        Error error(ErrorKind::server_unavailable, "cannot reach https://u:" + secret("p") + "@h/s/" +
                                                       secret("0123456789abcdef") + "/mcp?key=" + secret("k") +
                                                       " with API_KEY=" + canary);
        error.edit().peer_text = secret("peer");
        error.edit().stderr_tail = secret("tail");
        return error;
    };
    w.wire->die();
    w.advance(100s);

    const std::vector<std::pair<const char*, std::string>> outputs{
        {"prometheus", prometheus_text(*w.metrics)},
        {"otlp metrics", otlp_metrics(*w.metrics, "test", {}, {})},
        {"otlp traces", otlp_traces(spans->all, "test")},
        {"flight record", json::serialize(recorder->dump())},
        {"log", lines->text},
    };
    for (const auto& [name, text] : outputs) {
        EXPECT_GT(text.size(), 200U) << name;
        const std::size_t found = text.find(canary);
        EXPECT_EQ(found, std::string::npos)
            << name << ": ..." << text.substr(found > 200 ? found - 200 : 0, 300) << "...";
    }
    EXPECT_GE(spans->all.size(), 8U);
}

}  // namespace
}  // namespace haive::mcp::testing
