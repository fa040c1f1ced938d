// A whole dialogue of which one connection breaks after exactly k bytes, for every k, in both directions: each call
// ends once, with a verdict that the server's ledger confirms, and nothing waits for its deadline.
// The usual run takes every 41st k; HAIVE_MCP_EVERY_CUT=1 takes all of them.
#include "haive/mcp/client.hpp"
#include "haive/mcp/config/server_url.hpp"
#include "integration/support/listening_server.hpp"
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"
#include "support/fault_proxy.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <sstream>

namespace haive::mcp::testing {
namespace {

struct Way {
    const char* name;
    const char* option;
    const char* type;
    const char* era;
    int victim = 0;  // the connection that breaks
};

void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }

struct Ended {
    std::string key;
    std::optional<Error> error;
};

class EveryCut : public ::testing::TestWithParam<Way> {
protected:
    EveryCut()
        : server_({GetParam().option, "0", "--era", GetParam().era, "--ledger", folder_.at("ledger"), "--max-life",
                   "3600"}) {}

    [[nodiscard]] MCPConnection connection(std::uint16_t port) const {
        const std::string& url = server_.url();
        const std::size_t colon = url.rfind(':');
        const std::size_t path = url.find('/', colon);
        const std::string through = url.substr(0, colon + 1) + std::to_string(port) +
                                    (path == std::string::npos ? std::string() : url.substr(path));
        HttpOptions http;
        http.event_stream = false;  // so that one connection carries it all
        return MCPConnection("cut", *transport_for_url(through, GetParam().type, http), quick());
    }

    /// Connects, lists, leaves three marks, follows progress, leaves one more mark, says goodbye.
    std::vector<Ended> dialogue(std::uint16_t port, const std::string& name) {
        MCPConnection c = connection(port);
        auto client = c.connect().wait();
        if (client.has_error()) client = c.connect().wait();  // the cut was in the handshake; the next one is clean
        std::vector<Ended> out;
        if (client.has_error()) {
            out.push_back({"", client.error()});
            return out;
        }
        CallOptions options;
        options.timeout = Seconds(20);
        options.wait_for_ready = true;
        (void)(*client)->list_tools().wait();
        const auto mark = [&](const std::string& key) {
            auto ended = (*client)->call_tool("effect", {{"key", key}}, options).wait();
            out.push_back({key, ended.has_error() ? std::optional(ended.error()) : std::nullopt});
        };
        for (int i = 0; i < 3; ++i) mark(name + '-' + std::to_string(i));
        (void)(*client)->call_tool("progress", {{"steps", 3}, {"ms", 0}}, options).wait();
        mark(name + "-3");
        c.disconnect().get();
        return out;
    }

    std::map<std::string, int> ledger() {
        std::map<std::string, int> marks;
        std::istringstream lines(folder_.text_of("ledger"));
        for (std::string line; std::getline(lines, line);) ++marks[line.substr(0, line.find(' '))];
        return marks;
    }

    TempFolder folder_;
    ListeningServer server_;
};

/// Empty when the verdict is confirmed.
std::string contradiction(const Ended& call, int marks) {
    if (call.key.empty()) return "a clean connection could not be made: " + call.error->to_string();
    const std::string seen = call.key + " left " + std::to_string(marks) + " marks and ended with ";
    if (marks > 1) return seen + "... it ran twice";
    if (!call.error) return marks == 1 ? "" : seen + "an answer";
    const ErrorKind kind = call.error->kind();
    if (kind == ErrorKind::deadline_exceeded || kind == ErrorKind::idle_timeout) return seen + "its deadline";
    switch (call.error->disposition()) {
        case Disposition::not_sent: return marks == 0 ? "" : seen + "not_sent";
        case Disposition::executed: return marks == 1 ? "" : seen + "executed";
        case Disposition::maybe_executed: return "";
    }
    return seen + "no verdict";
}

TEST_P(EveryCut, EndsEachCallOnceWithAVerdictThatTheLedgerConfirms) {
    std::uint64_t up = 0;
    std::uint64_t down = 0;
    {
        FaultProxy proxy(server_.port());
        for (const Ended& call : dialogue(proxy.port(), "clean")) ASSERT_FALSE(call.error) << call.error->to_string();
        up = proxy.bytes_up();
        down = proxy.bytes_down();
    }
    ASSERT_GT(up, 500U);
    ASSERT_GT(down, 500U);
    const bool all = std::getenv("HAIVE_MCP_EVERY_CUT") != nullptr;
    std::vector<Ended> ended;
    int dialogues = 0;
    for (std::uint64_t k = 0; k <= up + down; k += all ? 1 : 41) {
        FaultProxy proxy(server_.port(), [&](int index) {
            FaultPlan plan;
            if (index != GetParam().victim) return plan;
            (k <= up ? plan.up : plan.down).cut_after = k <= up ? k : k - up;
            plan.cut = k % 2 == 0 ? FaultPlan::Cut::close : FaultPlan::Cut::reset;
            return plan;
        });
        for (Ended& call : dialogue(proxy.port(), "k" + std::to_string(k))) ended.push_back(std::move(call));
        ++dialogues;
    }
    // What was given up may still be running.
    (void)dialogue(server_.port(), "last");
    const auto marks = ledger();
    int answered = 0;
    int refused = 0;
    for (const Ended& call : ended) {
        const auto it = marks.find(call.key);
        EXPECT_EQ(contradiction(call, it == marks.end() ? 0 : it->second), "");
        (call.error ? refused : answered) += 1;
    }
    std::printf("%s: %d dialogues of %llu + %llu bytes, %d calls answered, %d failed with a verdict\n", GetParam().name,
                dialogues, static_cast<unsigned long long>(up), static_cast<unsigned long long>(down), answered,
                refused);
    EXPECT_EQ(answered + refused, dialogues * 4);
    // A stream that only listens is no call's business.
    EXPECT_EQ(refused > 0, std::string_view(GetParam().name) != "http_modern_listening");
}

INSTANTIATE_TEST_SUITE_P(Ways, EveryCut,
                         ::testing::Values(Way{"http_legacy", "--http", "http", "legacy"},
                                           Way{"http_modern_listening", "--http", "http", "modern"},
                                           Way{"http_modern_calls", "--http", "http", "modern", 1},
                                           Way{"sse", "--sse", "sse", "legacy"}, Way{"tcp", "--tcp", "", "both"},
                                           Way{"websocket", "--websocket", "", "both"}),
                         [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace haive::mcp::testing
