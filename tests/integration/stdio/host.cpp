// A host program for the tests: `stdio_host MODE SERVER [ARG...]`. It prints what it sees, a line each,
// and ends when its input does, unless something ends it first.
#include <haive/mcp/client.hpp>

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using namespace haive::mcp;

namespace {

using Args = std::vector<std::string>;

void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

std::string text_of(const std::string& word, std::int64_t number) { return word + " " + std::to_string(number); }

ConnectionOptions options_with(std::shared_ptr<Runtime> runtime) {
    ConnectionOptions options;
    options.reconnect_delay = Seconds(0.05);
    options.max_reconnect_delay = Seconds(0.05);
    options.max_reconnect_attempts = -1;
    options.runtime = std::move(runtime);
    return options;
}

std::int64_t pid_of(const MCPConnection& connection) {
    return connection.get_info().metadata.at("pid").to_number<std::int64_t>();
}

StdioTransport transport_of(const Args& command) {
    StdioOptions stdio;
    stdio.on_stderr_line = [](std::string_view line) { say("stderr " + std::string(line)); };
    return StdioTransport(command[0], Args(command.begin() + 1, command.end()), std::move(stdio));
}

/// Holds five connections until the input ends; then returns without a word to them, or exits.
int hold(const Args& command, bool exit_at_once) {
    std::vector<std::unique_ptr<MCPConnection>> local;
    for (int i = 0; i < 5; ++i) {
        local.push_back(std::make_unique<MCPConnection>("held", transport_of(command), options_with(nullptr)));
    }
    for (auto& connection : local) connection->connect().get();
    for (auto& connection : local) say(text_of("server", pid_of(*connection)));
    say("ready");
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {}
    if (exit_at_once) _exit(0);
    return 0;
}

/// Holds a container; `command` is the docker client.
int hold_docker(const Args& command) {
    DockerOptions docker;
    docker.docker = command[0];
    docker.stdio.on_stderr_line = [](std::string_view line) { say("stderr " + std::string(line)); };
    MCPConnection connection("boxed", DockerTransport("my/image:1", {"--quiet"}, docker), options_with(nullptr));
    connection.connect().get();
    say("ready");
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {}
    return 0;
}

/// A host that starts a server and has not heard from it yet.
int starting(const Args& command) {
    MCPConnection connection("starting", transport_of(command), options_with(nullptr));
    auto connecting = connection.connect();
    char byte = 0;
    while (read(STDIN_FILENO, &byte, 1) > 0) {}
    return 0;
}

/// Turns its own loop, and leaves SIGPIPE as the system gives it.
int by_hand(const Args& command) {
    signal(SIGPIPE, SIG_DFL);
    auto runtime = Runtime::manual();
    bool deaf = false;
    StdioOptions stdio;
    stdio.on_stderr_line = [&deaf](std::string_view) { deaf = true; };
    ConnectionOptions options = options_with(runtime);
    options.client.era = EraPreference::legacy;
    MCPConnection connection("by hand", StdioTransport(command[0], {}, stdio), options);
    auto client = runtime->run(connection.connect());
    while (!deaf) runtime->turn();
    say("connected");
    CallOptions short_call;
    short_call.timeout = Seconds(2);
    short_call.max_attempts = 1;
    auto calling = client->call_tool("echo", json::object{{"text", "x"}}, short_call);
    while (!calling.is_done()) runtime->turn();
    const auto result = calling.wait();
    say(result.has_error() ? "failed " + std::string(to_string(result.error().kind())) + " " +
                                 std::string(to_string(result.error().disposition()))
                           : std::string("answered"));
    runtime->run(connection.disconnect());
    say("survived");
    return 0;
}

int lowest_free_descriptor() {
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd;
}

void allow_descriptors(rlim_t count) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = count;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/// Has no room for a server's pipes, then has. With a guardian at hand already, or without one.
int no_room(const Args& command, bool warm) {
    auto runtime = Runtime::threaded();
    MCPConnection connection("no room", transport_of(command), options_with(runtime));
    if (warm) {
        connection.connect().get();
        connection.disconnect().get();
    } else {
        connection.stop_monitoring().get();  // the loop has its descriptors
    }
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const auto used = static_cast<rlim_t>(lowest_free_descriptor());
    for (rlim_t spare = 0; spare < 16; ++spare) {
        allow_descriptors(used + spare);
        const auto result = connection.connect().wait();
        allow_descriptors(before.rlim_cur);
        connection.disconnect().get();
        if (!result.has_error()) {
            say(text_of("enough", static_cast<std::int64_t>(spare)));
            break;
        }
        say("failed " + std::string(to_string(result.error().kind())) + " " + result.error().message());
        say("mend " + result.error().details().mend);
    }
    // Healing by itself: the room comes back while attempts go on.
    allow_descriptors(used);
    connection.start_monitoring().get();
    (void)connection.wait_until_connected(Seconds(0.3)).wait();
    say("meanwhile " + std::string(to_string(connection.status())));
    allow_descriptors(before.rlim_cur);
    (void)connection.wait_until_connected(Seconds(10)).wait();
    say("later " + std::string(to_string(connection.status())));
    connection.disconnect().get();
    say("done");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) return 2;
    const std::string mode = argv[1];
    const Args command(argv + 2, argv + argc);
    try {
        if (mode == "hold") return hold(command, false);
        if (mode == "hold-exit") return hold(command, true);
        if (mode == "hold-docker") return hold_docker(command);
        if (mode == "starting") return starting(command);
        if (mode == "by-hand") return by_hand(command);
        if (mode == "no-room") return no_room(command, false);
        if (mode == "no-room-warm") return no_room(command, true);
    } catch (const std::exception& e) {
        say(std::string("exception ") + e.what());
        return 3;
    }
    return 2;
}
