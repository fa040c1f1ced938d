// `--metrics`, `--otlp` and `--record`: what a command that runs for long tells the world.
#include "cli/command.hpp"
#include "integration/support/eventually.hpp"
#include "support/promtool.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <list>
#include <netinet/in.h>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <sys/resource.h>
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

/// A connection that asks for nothing.
class Idle {
public:
    explicit Idle(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (connect(fd_, static_cast<sockaddr*>(static_cast<void*>(&to)), sizeof to) != 0) {
            throw std::runtime_error("nobody listens");
        }
    }
    ~Idle() { close(fd_); }
    Idle(const Idle&) = delete;
    Idle& operator=(const Idle&) = delete;

private:
    int fd_;
};

std::filesystem::path proc(pid_t pid) { return "/proc/" + std::to_string(pid); }

/// The thread of that name; 0 when there is none.
long thread_named(pid_t pid, const std::string& name) {
    for (const auto& thread : std::filesystem::directory_iterator(proc(pid) / "task")) {
        if (text_of((thread.path() / "comm").string()) == name + "\n") return std::stol(thread.path().filename());
    }
    return 0;
}

/// How often a thread has waited for something.
long sleeps_of(pid_t pid, long thread) {
    const auto status = text_of((proc(pid) / "task" / std::to_string(thread) / "status").string());
    constexpr std::string_view word = "\nvoluntary_ctxt_switches:";
    const auto at = status.find(word);
    return at == std::string::npos ? -1 : std::stol(status.substr(at + word.size()));
}

rlim_t lowest_free_descriptor(pid_t pid) {
    rlim_t out = 0;
    while (std::filesystem::exists(std::filesystem::symlink_status(proc(pid) / "fd" / std::to_string(out)))) ++out;
    return out;
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
    for (const char* option : {"--otlp", "--record", "--log-file"}) {
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

TEST(CliObserving, changes_are_lines_of_json_in_a_file_of_the_owners) {
    const Folder folder;
    const std::string path = folder.path("log.jsonl");
    Command monitor(on_server({"monitor", "--json", "--log-file", path}));
    ASSERT_TRUE(monitor.wait_for("\"to\":\"connected\""));
    monitor.signal(SIGINT);
    const auto done = monitor.finish();
    ASSERT_EQ(done.code, 130) << done;
    bool up = false, down = false;
    for (const auto& line : lines_of(text_of(path))) {
        const auto event = boost::json::parse(line).as_object();
        up |= event.at("event") == "status" && event.at("to") == "connected";
        down |= event.at("event") == "status" && event.at("to") == "disconnected";
    }
    EXPECT_TRUE(up && down) << text_of(path);
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    for (const char* command : {"health", "bench"}) {
        Words words = {command};
        if (words[0] == "bench") words.insert(words.end(), {"echo", "text=x", "--calls", "2"});
        if (words[0] == "health") words.insert(words.end(), {"-c", "1"});
        words.insert(words.end(), {"--log-file", folder.path(command)});
        EXPECT_EQ(run(on_server(words)).code, 0);
        EXPECT_TRUE(holds(text_of(folder.path(command)), "\"to\":\"connected\"")) << command;
    }
}

TEST(CliObserving, without_descriptors_for_newcomers_the_endpoint_rests_and_recovers) {
    // Only there: the test takes every descriptor away, and UBSan's check of a virtual call opens a pipe and ends the
    // program without one. Every other build runs it, the thread sanitizer's too.
#if __has_feature(address_sanitizer)
    GTEST_SKIP() << "the sanitizer itself needs a pipe to check a virtual call";
#endif
    Command monitor(on_server({"monitor", "--json", "--metrics", "0"}));
    ASSERT_TRUE(monitor.wait_for("\"outcome\":\"healthy\""));
    const int port = port_in(monitor.err());
    ASSERT_TRUE(get(port, "/metrics").starts_with("HTTP/1.1 200 OK"));
    const long thread = thread_named(monitor.pid(), "haive-metrics");
    ASSERT_GT(thread, 0);
    // Room for two more, forty come; who asks for nothing is left after five seconds, and makes room for two others.
    rlimit before{}, tight{};
    ASSERT_EQ(prlimit(monitor.pid(), RLIMIT_NOFILE, nullptr, &before), 0);
    tight = before;
    tight.rlim_cur = lowest_free_descriptor(monitor.pid()) + 2;
    ASSERT_EQ(prlimit(monitor.pid(), RLIMIT_NOFILE, &tight, nullptr), 0);
    {
        std::list<Idle> idle;
        for (int i = 0; i < 40; ++i) idle.emplace_back(port);
        // A thread that asks again and again never sleeps; this one does, ten times a second.
        const auto sleeps = [&] { return sleeps_of(monitor.pid(), thread); };
        const auto begun = sleeps();
        EXPECT_TRUE(haive::mcp::testing::eventually([&] { return sleeps() > begun + 10; }));
    }
    EXPECT_TRUE(haive::mcp::testing::eventually([&] { return get(port, "/metrics").starts_with("HTTP/1.1 200 OK"); }));
    ASSERT_EQ(prlimit(monitor.pid(), RLIMIT_NOFILE, &before, nullptr), 0);
    monitor.signal(SIGINT);
    EXPECT_EQ(monitor.finish().code, 130);
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
