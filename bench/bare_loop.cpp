#include "rows.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace haive::bench {

namespace {

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::exit(1);
}

/// A child with two pipes, nothing else.
class BareChild {
public:
    explicit BareChild(const std::string& program) {
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) die("pipe2");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in[0], 0);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        std::string name = program;
        std::string quiet = "--quiet";
        std::array<char*, 3> argv{name.data(), quiet.data(), nullptr};
        if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ) != 0) die("posix_spawn");
        posix_spawn_file_actions_destroy(&actions);
        close(in[0]);
        close(out[1]);
        to_ = in[1];
        from_ = out[0];
    }
    ~BareChild() {
        close(to_);
        waitpid(pid_, nullptr, 0);
        close(from_);
    }
    BareChild(const BareChild&) = delete;
    BareChild& operator=(const BareChild&) = delete;

    void write_all(const char* data, std::size_t size) const {
        while (size > 0) {
            const ssize_t n = write(to_, data, size);
            if (n <= 0) die("write");
            data += n;
            size -= static_cast<std::size_t>(n);
        }
    }
    /// Reads once and counts the answers in it.
    int read_answers() {
        const ssize_t n = read(from_, buffer_.data(), buffer_.size());
        if (n <= 0) die("read");
        int lines = 0;
        const char* at = buffer_.data();
        const char* end = at + n;
        while ((at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)))) != nullptr) {
            ++lines;
            ++at;
        }
        return lines;
    }

private:
    pid_t pid_ = 0;
    int to_ = -1;
    int from_ = -1;
    std::array<char, 65536> buffer_{};
};

}  // namespace

Sample bare_loop(const std::string& server, int calls, int in_flight) {
    BareChild child(server);
    const std::string hello =
        R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bare","version":"1"}}})"
        "\n";
    child.write_all(hello.data(), hello.size());
    while (child.read_answers() == 0) {}
    const std::string ready = R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
                              "\n";
    child.write_all(ready.data(), ready.size());

    // The same bytes as the library writes, ids included.
    const auto frame = [](int id) {
        const std::string n = std::to_string(id);
        return R"({"jsonrpc":"2.0","id":)" + n + R"(,"method":"tools/call","params":{"_meta":{"progressToken":)" + n +
               R"(},"name":"echo","arguments":{"text":")" + std::string(100, 'x') +
               R"("}}})"
               "\n";
    };
    std::vector<std::string> frames;
    frames.reserve(static_cast<std::size_t>(calls));
    for (int i = 0; i < calls; ++i) frames.push_back(frame(i + 2));

    const double cpu = cpu_now_us();
    const double wall = wall_now_us();
    int sent = 0;
    int answered = 0;
    std::string batch;
    while (answered < calls) {
        batch.clear();
        while (sent < calls && sent - answered < in_flight) batch += frames[static_cast<std::size_t>(sent++)];
        if (!batch.empty()) child.write_all(batch.data(), batch.size());
        answered += child.read_answers();
    }
    Sample sample;
    sample.cpu_us = (cpu_now_us() - cpu) / calls;
    sample.wall_us = (wall_now_us() - wall) / calls;
    return sample;
}

}  // namespace haive::bench
