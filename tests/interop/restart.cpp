// A server of somebody else's is killed and started again under load, over and over.
//     interop_restart RESTARTS PORT COMMAND [ARG...]      the command serves http://127.0.0.1:PORT/mcp
// First under load: 32 callers run `get-sum` without a pause. Then between two rounds of 32 calls each, so that
// all 32 come with a session that the new life of the server does not know, and are refused with 404.
// Afterwards every call has ended once, with its own sum or with an error that says whether it was executed;
// every life of the server has seen one initialize; no call failed because the server had forgotten the session.
#include "integration/support/eventually.hpp"

#include <haive/mcp/client.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <spawn.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ;

using namespace haive::mcp;

namespace {

constexpr int callers = 32;

/// One life of the server; what it prints goes to a file.
class Life {
public:
    Life(std::vector<std::string> command, std::uint16_t port, std::string log) : log_(std::move(log)) {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 1, log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        posix_spawn_file_actions_adddup2(&actions, 1, 2);
        std::vector<char*> argv;
        for (std::string& word : command) argv.push_back(word.data());
        argv.push_back(nullptr);
        if (posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) std::exit(2);
        posix_spawn_file_actions_destroy(&actions);
        if (!testing::eventually([port] { return listens(port); }, std::chrono::seconds(30))) std::exit(2);
    }
    ~Life() { end(); }
    Life(const Life&) = delete;
    Life& operator=(const Life&) = delete;

    void end() {
        if (pid_ == 0) return;
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }
    /// How often a client has begun a session with it.
    [[nodiscard]] int sessions() const {
        std::ifstream file(log_);
        int count = 0;
        for (std::string line; std::getline(file, line);) count += line.starts_with("Session initialized") ? 1 : 0;
        return count;
    }

private:
    static bool listens(std::uint16_t port) {
        const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        const bool there = connect(one, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        close(one);
        return there;
    }

    std::string log_;
    pid_t pid_ = 0;
};

/// What became of the calls. Written on the loop's thread.
struct Ledger {
    std::atomic<bool> more{true};
    std::atomic<int> answered{0};
    int begun = 0;
    int wrong = 0;
    int resent = 0;
    std::map<std::string, int> failed;
    std::string worst;
};

Task<void> caller(std::shared_ptr<MCPClient> client, Ledger& ledger) {
    while (ledger.more) {
        const int number = ++ledger.begun;
        CallOptions options;
        options.wait_for_ready = true;
        auto call = client->call_tool("get-sum", {{"a", number}, {"b", 1}}, options);
        auto outcome = co_await call.as_result();
        if (outcome) {
            const std::string sum = " is " + std::to_string(number + 1) + ".";
            if (outcome->text().find(sum) == std::string::npos) ++ledger.wrong;
            ++ledger.answered;
            continue;
        }
        const Error& error = outcome.error();
        if (error.details().attempts > 1) ++ledger.resent;
        ++ledger.failed[std::string(to_string(error.kind())) + ", " + std::string(to_string(error.disposition()))];
        if (error.kind() == ErrorKind::session_lost) ledger.worst = error.to_string();
    }
}

void wait_for_answers(const Ledger& ledger, int more) {
    const int until = ledger.answered + more;
    testing::eventually([&] { return ledger.answered >= until; }, std::chrono::seconds(30));
}

int report(const char* how_run, const Ledger& ledger, const std::vector<int>& sessions) {
    int failed = 0;
    std::printf("%s\n", how_run);
    for (const auto& [how, count] : ledger.failed) {
        std::printf("  failed with %s: %d\n", how.c_str(), count);
        failed += count;
    }
    const auto once = std::ranges::count(sessions, 1);
    const int lost = ledger.begun - ledger.answered - failed;
    std::printf(
        "restarts: %zu; calls: %d, answered %d, failed with a verdict %d, lost without a word %d, wrong sums %d\n",
        sessions.size() - 1, ledger.begun, ledger.answered.load(), failed, lost, ledger.wrong);
    std::printf("lives of the server with exactly one initialize: %td of %zu\n", once, sessions.size());
    if (!ledger.worst.empty()) std::printf("a call failed for its session: %s\n", ledger.worst.c_str());
    const bool good =
        lost == 0 && ledger.wrong == 0 && ledger.worst.empty() && once == static_cast<std::ptrdiff_t>(sessions.size());
    std::printf("%s\n", good ? "ok" : "FAILED");
    return good ? 0 : 1;
}

/// The server's command and where it listens.
struct Server {
    std::vector<std::string> command;
    std::uint16_t port = 0;
    std::string log;

    [[nodiscard]] std::unique_ptr<Life> start() const { return std::make_unique<Life>(command, port, log); }
    [[nodiscard]] MCPConnection connection(bool event_stream) const {
        ConnectionOptions options;
        options.max_reconnect_attempts = -1;
        options.client.era = EraPreference::legacy;
        HttpOptions http;
        http.event_stream = event_stream;
        return MCPConnection("restarted", HttpTransport("http://127.0.0.1:" + std::to_string(port) + "/mcp", http),
                             options);
    }
};

int under_load(const Server& server, int restarts) {
    auto life = server.start();
    MCPConnection connection = server.connection(true);
    const auto client = connection.connect().get();
    Ledger ledger;
    std::vector<Async<void>> running;
    for (int i = 0; i < callers; ++i) running.push_back(Runtime::shared()->spawn(caller(client, ledger)));
    std::vector<int> sessions;
    for (int i = 0; i < restarts; ++i) {
        wait_for_answers(ledger, 300);
        life->end();
        sessions.push_back(life->sessions());
        life = server.start();
    }
    wait_for_answers(ledger, 300);
    ledger.more = false;
    for (auto& one : running) one.get();
    connection.disconnect().get();
    life->end();
    sessions.push_back(life->sessions());
    return report("killed under load", ledger, sessions);
}

/// 32 calls at once; all have ended when it returns.
void round(MCPClient& client, Ledger& ledger) {
    std::vector<std::pair<int, Async<CallToolResult>>> calls;
    for (int i = 0; i < callers; ++i) {
        const int number = ++ledger.begun;
        calls.emplace_back(number, client.call_tool("get-sum", {{"a", number}, {"b", 1}}));
    }
    for (auto& [number, call] : calls) {
        auto outcome = call.wait();
        if (outcome.has_error()) {
            ++ledger.failed[outcome.error().to_string()];
            ledger.worst = outcome.error().to_string();
            continue;
        }
        if (outcome->text().find(" is " + std::to_string(number + 1) + ".") == std::string::npos) ++ledger.wrong;
        ++ledger.answered;
    }
}

int between_rounds(const Server& server, int restarts) {
    auto life = server.start();
    // Without the stream of events nothing tells the client that the server has gone.
    MCPConnection connection = server.connection(false);
    const auto client = connection.connect().get();
    Ledger ledger;
    std::vector<int> sessions;
    round(*client, ledger);
    for (int i = 0; i < restarts; ++i) {
        life->end();
        sessions.push_back(life->sessions());
        life = server.start();
        round(*client, ledger);
    }
    const auto retries = connection.get_info().metadata.at("retries").to_number<int>();
    connection.disconnect().get();
    life->end();
    sessions.push_back(life->sessions());
    const int bad = report("restarted between rounds of 32 calls", ledger, sessions);
    std::printf("calls sent again: %d\n", retries);
    return bad;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return std::fprintf(stderr, "usage: %s RESTARTS PORT COMMAND [ARG...]\n", argv[0]), 2;
    const int restarts = std::atoi(argv[1]);
    Server server;
    server.command.assign(argv + 3, argv + argc);
    server.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
    setenv("PORT", argv[2], 1);
    server.log = "/tmp/haive-restart-XXXXXX";
    close(mkstemp(server.log.data()));
    const int bad = under_load(server, restarts) + between_rounds(server, restarts);
    unlink(server.log.c_str());
    return bad;
}
