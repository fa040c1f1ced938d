#pragma once

#include "integration/support/eventually.hpp"

#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace haive::mcp::testing {

/// A program that the test runs beside itself: its lines are read, its input held open until `end_input`.
class Program {
public:
    explicit Program(std::vector<std::string> command) {
        int in[2];
        int out[2];
        if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipes");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in[0], 0);
        posix_spawn_file_actions_adddup2(&actions, out[1], 1);
        std::vector<char*> argv;
        for (auto& word : command) argv.push_back(word.data());
        argv.push_back(nullptr);
        const int failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        close(in[0]);
        close(out[1]);
        input_ = in[1];
        if (failed != 0) throw std::runtime_error("cannot start " + command[0] + ": " + std::strerror(failed));
        reader_ = std::thread([this, from = out[0]] { read_all(from); });
    }
    ~Program() {
        end_input();
        if (!status_) {
            kill(SIGKILL);
            wait();
        }
        reader_.join();
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    void kill(int signal) const { ::kill(pid_, signal); }
    void end_input() {
        if (input_ >= 0) close(input_);
        input_ = -1;
    }
    /// The status of waitpid; nullopt when it still runs after `limit`.
    std::optional<int> wait(std::chrono::milliseconds limit = 20s) {
        eventually(
            [this] {
                int status = 0;
                if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
                return status_.has_value();
            },
            limit);
        return status_;
    }
    /// Ends its input and waits: the exit code, or minus the signal.
    int finish(std::chrono::milliseconds limit = 20s) {
        end_input();
        const auto status = wait(limit);
        if (!status) return -1000;
        return WIFEXITED(*status) ? WEXITSTATUS(*status) : -WTERMSIG(*status);
    }
    bool wait_for_line(const std::string& wanted, std::chrono::milliseconds limit = 20s) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [&] {
            for (const auto& line : lines_) {
                if (line == wanted) return true;
            }
            return false;
        });
    }
    /// Waits for `count` lines `word NUMBER` and gives the numbers.
    std::vector<pid_t> numbers(const std::string& word, std::size_t count, std::chrono::milliseconds limit = 20s) {
        std::vector<pid_t> out;
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, limit, [&] {
            out.clear();
            for (const auto& line : lines_) {
                if (line.starts_with(word + " ")) out.push_back(std::atoi(line.c_str() + word.size() + 1));
            }
            return out.size() >= count;
        });
        return out;
    }
    /// All lines; complete once the program has ended and nobody else holds its output.
    std::string output() {
        std::unique_lock lock(mutex_);
        if (status_) changed_.wait_for(lock, 5s, [this] { return closed_; });
        std::string out;
        for (const auto& line : lines_) out += line + "\n";
        return out;
    }

private:
    void read_all(int from) {
        std::string partial;
        char block[4096];
        for (ssize_t n = 0; (n = read(from, block, sizeof block)) > 0;) {
            partial.append(block, static_cast<std::size_t>(n));
            std::lock_guard lock(mutex_);
            for (std::size_t end = 0; (end = partial.find('\n')) != std::string::npos;) {
                lines_.push_back(partial.substr(0, end));
                partial.erase(0, end + 1);
            }
            changed_.notify_all();
        }
        close(from);
        std::lock_guard lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }

    pid_t pid_ = 0;
    int input_ = -1;
    std::optional<int> status_;
    std::thread reader_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
    bool closed_ = false;
};

/// While it lives, orphans below this process become its children: nothing escapes the test's eyes.
class Adoption {
public:
    Adoption() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
    ~Adoption() { prctl(PR_SET_CHILD_SUBREAPER, 0); }
    Adoption(const Adoption&) = delete;
    Adoption& operator=(const Adoption&) = delete;

    /// Waits until an orphan has ended and reaps it: its wait status, or 0 when its parent did that; nullopt when it
    /// lives on.
    static std::optional<int> end_of(pid_t orphan, std::chrono::milliseconds limit = 10s) {
        std::optional<int> out;
        eventually(
            [&] {
                int status = 0;
                if (waitpid(orphan, &status, WNOHANG) == orphan || ::kill(orphan, 0) != 0) out = status;
                return out.has_value();
            },
            limit);
        return out;
    }
};

}  // namespace haive::mcp::testing
