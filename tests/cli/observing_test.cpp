// `--metrics`, `--otlp` and `--record`: what a command that runs for long tells the world.
#include "cli/command.hpp"
#include "integration/support/eventually.hpp"
#include "support/promtool.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <csignal>
#include <fstream>
#include <netinet/in.h>
#include <regex>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

using namespace cli_test;

namespace {

/// The whole answer to a GET; empty when nobody listens.
std::string get(int port, const std::string& path) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string out;
    const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";  // no chunks
    if (connect(fd, static_cast<sockaddr*>(static_cast<void*>(&to)), sizeof to) == 0 &&
        send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
        char bytes[4096];
        for (ssize_t n = 0; (n = recv(fd, bytes, sizeof bytes, 0)) > 0;) out.append(bytes, static_cast<std::size_t>(n));
    }
    close(fd);
    return out;
}

std::string text_of(const std::string& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
}

int port_in(const std::string& text) {
    std::smatch found;
    return std::regex_search(text, found, std::regex(R"(http://127\.0\.0\.1:(\d+)/metrics)")) ? std::stoi(found[1]) : 0;
}

}  // namespace

TEST(CliObserving, metrics_are_served_while_it_runs) {
    Command monitor(on_server({"monitor", "--json", "--metrics", "0"}));
    ASSERT_TRUE(monitor.wait_for("/metrics\n"));
    ASSERT_TRUE(monitor.wait_for("\"to\":\"connected\""));
    const int port = port_in(monitor.err());
    ASSERT_GT(port, 0);
    const std::string answer = get(port, "/metrics");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(
        holds(answer, "mcp_client_connection_status{mcp_server_name=\"haive-mcp-server\",status=\"connected\"} 1"))
        << answer;
    EXPECT_TRUE(get(port, "/else").starts_with("HTTP/1.1 404")) << answer;
    monitor.signal(SIGINT);
    EXPECT_EQ(monitor.finish().code, 130);
    EXPECT_EQ(get(port, "/metrics"), "");
}

TEST(CliObserving, promtool_accepts_what_a_fleet_serves) {
    const Folder folder;
    const std::string file = folder.write("mcp.json", config_of({"one", "two"}, R"({
        "gone": {"command": "no-such-command-anywhere"},
        "pool": {"command": ")" HAIVE_TEST_SERVER R"(", "args": ["--quiet"], "pool": {"min_size": 1}}})"));
    Command monitor({"monitor", "--json", "--metrics", "0", "--config", file});
    ASSERT_TRUE(monitor.wait_for("/metrics\n"));
    std::string text;
    const auto shows = [&](const std::string& server, const std::string& status) {
        return holds(text,
                     "mcp_client_connection_status{mcp_server_name=\"" + server + "\",status=\"" + status + "\"} 1\n");
    };
    EXPECT_TRUE(haive::mcp::testing::eventually([&] {
        text = get(port_in(monitor.err()), "/metrics");
        return shows("one", "connected") && shows("two", "connected") && shows("pool", "connected") &&
               shows("gone", "error");
    })) << text;
    text.erase(0, text.find("\r\n\r\n") + 4);
    EXPECT_TRUE(holds(text, "mcp_client_circuit_state{mcp_server_name=\"one\",state=\"closed\"} 1\n")) << text;
    EXPECT_TRUE(holds(text, "mcp_client_pool_max{mcp_server_name=\"pool\"} ")) << text;
    const auto verdict = haive::mcp::testing::promtool_check(text);
    monitor.signal(SIGINT);
    EXPECT_EQ(monitor.finish().code, 130);
    if (!verdict) GTEST_SKIP() << haive::mcp::testing::no_promtool;
    EXPECT_EQ(verdict->code, 0) << verdict->said;
}

TEST(CliObserving, a_place_that_cannot_be_is_said_at_once) {
    for (const char* address : {"nonsense", "127.0.0.1:99999", "203.0.113.1:0"}) {
        const auto done = run(on_server({"monitor", "--metrics", address}));
        EXPECT_EQ(done.code, 2) << done;
        EXPECT_TRUE(holds(done.err, "metrics cannot be served")) << done;
    }
    for (const char* option : {"--otlp", "--record"}) {
        const auto done = run(on_server({"monitor", option, "/nonexistent/folder/file"}));
        EXPECT_EQ(done.code, 2) << done;
        EXPECT_TRUE(holds(done.err, "cannot be written")) << done;
    }
}

TEST(CliObserving, the_record_is_written_on_a_signal_and_at_the_end) {
    const Folder folder;
    const std::string path = folder.path("record.json");
    Command monitor(on_server({"monitor", "--json", "--record", path}));
    ASSERT_TRUE(monitor.wait_for("\"to\":\"connected\""));
    const auto size = text_of(path).size();
    monitor.signal(SIGUSR1);
    EXPECT_TRUE(haive::mcp::testing::eventually([&] { return text_of(path).size() > size; }));
    EXPECT_TRUE(holds(text_of(path), "\"to\":\"connected\""));
    EXPECT_FALSE(holds(text_of(path), "\"to\":\"disconnected\""));
    monitor.signal(SIGINT);
    EXPECT_EQ(monitor.finish().code, 130);
    const auto record = boost::json::parse(text_of(path));
    EXPECT_EQ(record.at("format").as_string(), "haive-mcp flight record");
    EXPECT_TRUE(holds(text_of(path), "\"to\":\"disconnected\""));
}

TEST(CliObserving, calls_are_traced_to_a_file_without_their_arguments) {
    const Folder folder;
    const std::string path = folder.path("otlp.jsonl");
    const auto done = run(on_server({"bench", "echo", "text=hunter2", "--calls", "5", "--otlp", path}));
    ASSERT_EQ(done.code, 0) << done;
    const std::string text = text_of(path);
    int spans = 0;
    bool measured = false;
    for (const auto& line : lines_of(text)) {
        const auto body = boost::json::parse(line).as_object();
        if (body.contains("resourceSpans")) {
            const auto& scope = body.at("resourceSpans").at(0).at("scopeSpans").at(0);
            spans += static_cast<int>(scope.at("spans").as_array().size());
        }
        measured |= body.contains("resourceMetrics");
    }
    EXPECT_GE(spans, 10);  // a call and its attempt
    EXPECT_TRUE(measured);
    EXPECT_FALSE(holds(text, "hunter2"));
}
