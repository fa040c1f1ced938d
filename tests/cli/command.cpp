#include "cli/command.hpp"

#include "cli/screen.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <ostream>
#include <poll.h>
#include <pty.h>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace cli_test {

namespace {

using Clock = std::chrono::steady_clock;

std::vector<char*> pointers_to(Words& words) {
    std::vector<char*> out;
    for (auto& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
}

/// A pipe or a terminal: our end and the child's, both closed on exec.
struct Ends {
    int ours = -1;
    int childs = -1;
};

Ends open_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    return {ends[0], ends[1]};
}

Ends open_terminal(int columns, int rows) {
    Ends ends;
    winsize size{static_cast<unsigned short>(rows), static_cast<unsigned short>(columns), 0, 0};
    if (openpty(&ends.ours, &ends.childs, nullptr, nullptr, &size) != 0) throw std::runtime_error("no terminal");
    fcntl(ends.ours, F_SETFD, FD_CLOEXEC);
    fcntl(ends.childs, F_SETFD, FD_CLOEXEC);
    return ends;
}

}  // namespace

Folder::Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "haive_cli_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = std::filesystem::canonical(name);
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string Folder::path(std::string_view name) const {
    return name.empty() ? path_.string() : (path_ / name).string();
}

std::string Folder::write(std::string_view name, std::string_view text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
}

boost::json::value Output::json() const {
    boost::system::error_code error;
    auto value = boost::json::parse(out, error);
    return error ? boost::json::value("not JSON: " + out) : value;
}

std::vector<boost::json::object> Output::json_lines() const {
    std::vector<boost::json::object> objects;
    for (const auto& line : lines_of(out)) {
        boost::system::error_code error;
        auto value = boost::json::parse(line, error);
        if (error || !value.is_object()) throw std::runtime_error("not a JSON object: " + line);
        objects.push_back(value.as_object());
    }
    return objects;
}

std::ostream& operator<<(std::ostream& out, const Output& output) {
    return out << "exit code " << output.code << " after " << output.seconds << " s\n--- stdout\n"
               << output.out << "--- stderr\n"
               << output.err << "---";
}

Command::Command(const Words& arguments, Setup setup) : setup_(std::move(setup)), began_(Clock::now()) {
    const bool both = setup_.tty == Tty::both || setup_.tty == Tty::keys;
    const Ends out = both || setup_.tty == Tty::out ? open_terminal(setup_.columns, setup_.rows) : open_pipe();
    Ends err{-1, out.childs};
    if (!both) err = setup_.tty == Tty::err ? open_terminal(setup_.columns, setup_.rows) : open_pipe();
    const int in = open(own_.write("stdin", setup_.input).c_str(), O_RDONLY | O_CLOEXEC);
    for (const char* folder : {"work", "home"}) std::filesystem::create_directories(own_.path(folder));

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    if (setup_.tty == Tty::keys) {
        // The first terminal that the leader of a new session opens is its own, and its keys are for it.
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
        posix_spawn_file_actions_addopen(&actions, 0, ptsname(out.ours), O_RDWR, 0);
    } else {
        posix_spawn_file_actions_adddup2(&actions, in, 0);
    }
    posix_spawn_file_actions_adddup2(&actions, out.childs, 1);
    posix_spawn_file_actions_adddup2(&actions, err.childs, 2);
    posix_spawn_file_actions_addchdir_np(&actions, (setup_.cwd.empty() ? own_.path("work") : setup_.cwd).c_str());

    Words words{HAIVE_TEST_CLI};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::map<std::string, std::string> variables{
        {"PATH", "/usr/bin:/bin"}, {"HOME", own_.path("home")}, {"TERM", "xterm"}, {"LANG", "C.UTF-8"}};
    for (const auto& [name, value] : setup_.env) variables[name] = value;
    Words assignments;
    for (const auto& [name, value] : variables) assignments.push_back(name + "=" + value);
    const int error = posix_spawn(&pid_, HAIVE_TEST_CLI, &actions, &attributes, pointers_to(words).data(),
                                  pointers_to(assignments).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(in);
    close(out.childs);
    if (err.childs != out.childs) close(err.childs);
    out_ = out.ours;
    err_ = err.ours;
    if (error != 0) throw std::runtime_error("the command cannot be started");
}

Command::~Command() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    if (out_ >= 0) close(out_);
    if (err_ >= 0) close(err_);
}

/// One round of reading. False when both ends are closed or the deadline is over.
bool Command::read_some() {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(began_ + setup_.deadline - Clock::now());
    if ((out_ < 0 && err_ < 0) || left.count() <= 0) return false;
    std::array<pollfd, 2> ends{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
    poll(ends.data(), ends.size(), static_cast<int>(left.count()));
    const auto take = [](const pollfd& end, int& fd, std::string& text) {
        if (fd < 0 || end.revents == 0) return;
        std::array<char, 65536> block{};
        const ssize_t got = read(fd, block.data(), block.size());
        if (got > 0) {
            text.append(block.data(), static_cast<std::size_t>(got));
        } else {  // a terminal ends with EIO
            close(fd);
            fd = -1;
        }
    };
    take(ends[0], out_, output_.out);
    take(ends[1], err_, output_.err);
    return true;
}

bool Command::wait_for(std::string_view text) {
    while (!holds(output_.out, text) && !holds(output_.err, text)) {
        if (!read_some()) return false;
    }
    return true;
}

bool Command::wait_for_screen(const std::function<bool(const Screen&)>& shows) {
    while (!shows(Screen(output_.out))) {
        if (!read_some()) return false;
    }
    return true;
}

void Command::type(std::string_view keys) const {
    if (write(out_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
        throw std::runtime_error("cannot type");
    }
}

void Command::signal(int number) const { kill(pid_, number); }

void Command::stop_reading() {
    if (out_ >= 0) close(out_);
    out_ = -1;
}

Output Command::finish() {
    while (read_some()) {}
    int status = 0;
    for (;;) {
        const pid_t ended = waitpid(pid_, &status, WNOHANG);
        if (ended == pid_) break;
        if (Clock::now() >= began_ + setup_.deadline) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
            pid_ = -1;
            return output_;
        }
        poll(nullptr, 0, 2);
    }
    pid_ = -1;
    output_.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    output_.seconds = std::chrono::duration<double>(Clock::now() - began_).count();
    return output_;
}

Output run(const Words& arguments, Setup setup) { return Command(arguments, std::move(setup)).finish(); }

Words on_server(Words arguments, const Words& switches) {
    for (const char* word : {"--", HAIVE_TEST_SERVER, "--quiet"}) arguments.emplace_back(word);
    arguments.insert(arguments.end(), switches.begin(), switches.end());
    return arguments;
}

std::string config_of(const Words& names, std::string_view extra) {
    boost::json::object servers;
    for (const auto& name : names) servers[name] = {{"command", HAIVE_TEST_SERVER}, {"args", {"--quiet"}}};
    if (!extra.empty()) {
        for (const auto& [name, entry] : boost::json::parse(extra).as_object()) servers[name] = entry;
    }
    return boost::json::serialize(boost::json::object{{"mcpServers", servers}});
}

bool is_gone(long pid) {
    const auto end = Clock::now() + std::chrono::seconds(5);
    while (Clock::now() < end) {
        if (pid <= 0 || kill(static_cast<pid_t>(pid), 0) != 0) return true;
        poll(nullptr, 0, 5);
    }
    return false;
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string text_of(const std::string& file) {
    std::ostringstream out;
    out << std::ifstream(file).rdbuf();
    return out.str();
}

Words lines_of(const std::string& text) {
    Words lines;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        lines.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return lines;
}

}  // namespace cli_test
