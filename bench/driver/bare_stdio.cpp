#include "driver/bare.hpp"

#include <array>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace haive::bench {

namespace {

/// A child with two pipes, nothing else.
class BareChild {
public:
    explicit BareChild(std::vector<std::string> command) {
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) die("pipe2");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in[0], 0);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        std::vector<char*> argv;
        for (auto& word : command) argv.push_back(word.data());
        argv.push_back(nullptr);
        if (posix_spawnp(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) die(command[0]);
        posix_spawn_file_actions_destroy(&actions);
        close(in[0]);
        close(out[1]);
        to_ = in[1];
        from_ = out[0];
        // As wide as the library makes them: a megabyte in few turns.
        fcntl(to_, F_SETPIPE_SZ, 1 << 20);
        fcntl(from_, F_SETPIPE_SZ, 1 << 20);
    }
    ~BareChild() {
        close(to_);
        waitpid(pid_, nullptr, 0);
        close(from_);
    }
    BareChild(const BareChild&) = delete;
    BareChild& operator=(const BareChild&) = delete;

    std::size_t write_some(std::string_view bytes) const {
        const ssize_t n = write(to_, bytes.data(), bytes.size());
        if (n < 0 && errno != EAGAIN) die("write");
        return n < 0 ? 0 : static_cast<std::size_t>(n);
    }
    void write_all(std::string_view bytes) const {
        while (!bytes.empty()) bytes.remove_prefix(write_some(bytes));
    }
    /// Reads once and counts the answers that end in it.
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
    /// Big frames both ways would fill both pipes: then neither side may block.
    void write_in_turns(std::string_view bytes, int& answered, Meter* meter,
                        std::deque<Meter::Clock::time_point>& sent) {
        fcntl(to_, F_SETFL, O_NONBLOCK);
        while (!bytes.empty()) {
            const std::size_t n = write_some(bytes);
            bytes.remove_prefix(n);
            if (n > 0) continue;
            std::array<pollfd, 2> ready{pollfd{to_, POLLOUT, 0}, pollfd{from_, POLLIN, 0}};
            poll(ready.data(), ready.size(), -1);
            if (ready[1].revents != 0) note(read_answers(), answered, meter, sent);
        }
        fcntl(to_, F_SETFL, 0);
    }
    static void note(int count, int& answered, Meter* meter, std::deque<Meter::Clock::time_point>& sent) {
        answered += count;
        for (; count > 0; --count) {
            if (meter != nullptr) meter->answered(sent.front());
            sent.pop_front();
        }
    }

private:
    pid_t pid_ = 0;
    int to_ = -1;
    int from_ = -1;
    std::vector<char> buffer_ = std::vector<char>(std::size_t{256} << 10);
};

void run(BareChild& child, const Cell& cell, int calls, int& id, Meter* meter) {
    std::deque<Meter::Clock::time_point> sent;  // answers of this server come in order
    int written = 0;
    int answered = 0;
    std::string batch;
    while (answered < calls) {
        batch.clear();
        while (written < calls && written - answered < cell.in_flight) {
            const std::string n = std::to_string(++id);
            batch += R"({"jsonrpc":"2.0","id":)" + n + R"(,"method":"tools/call","params":{"_meta":{"progressToken":)" +
                     n + R"(},"name":"echo","arguments":{"text":")" + echo_text(written++, cell.bytes) + "\"}}}\n";
            sent.push_back(Meter::Clock::now());
        }
        if (batch.size() > 60000) {
            child.write_in_turns(batch, answered, meter, sent);
        } else if (!batch.empty()) {
            child.write_all(batch);
        }
        if (answered < calls && !sent.empty()) BareChild::note(child.read_answers(), answered, meter, sent);
    }
}

}  // namespace

void bare_stdio(const std::vector<Cell>& cells, const std::vector<std::string>& command) {
    BareChild child(command);
    child.write_all(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",)"
                    R"("capabilities":{},"clientInfo":{"name":"bare","version":"1"}}})"
                    "\n");
    while (child.read_answers() == 0) {}
    child.write_all(R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
                    "\n");
    int id = 1;
    run(child, Cell{}, 1, id, nullptr);
    say_first();
    for (const Cell& cell : cells) {
        run(child, cell, cell.warm_up(), id, nullptr);
        Meter meter(cell);
        run(child, cell, cell.calls, id, &meter);
        meter.print();
    }
}

}  // namespace haive::bench
