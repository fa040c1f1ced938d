#pragma once

#include <boost/json/value.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace cli_test {

class Screen;

using Words = std::vector<std::string>;

/// A folder of its own that goes away with its tests.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string path(std::string_view name = {}) const;
    /// Writes a file, with the folders above it; gives its path.
    std::string write(std::string_view name, std::string_view text) const;

private:
    std::filesystem::path path_;
};

/// Which of the program's outputs are terminals (of the given size, the rest are pipes).
/// `keys`: all of them and stdin too, as at a person's terminal.
enum class Tty { none, out, err, both, keys };

/// How the program is started. The environment holds PATH and HOME (an empty folder), and what is given here.
struct Setup {
    std::map<std::string, std::string> env{};
    std::string cwd{};    ///< default: an empty folder
    std::string input{};  ///< what its stdin holds
    Tty tty = Tty::none;
    int columns = 80;
    int rows = 24;
    std::chrono::seconds deadline{30};
};

/// What a finished run left.
struct Output {
    std::string out;
    std::string err;  ///< with Tty::both everything is in `out`
    int code = -1;    ///< exit code; 128 + signal when one ended it; -1 when the deadline did
    double seconds = 0;

    [[nodiscard]] boost::json::value json() const;                      ///< `out` as one document
    [[nodiscard]] std::vector<boost::json::object> json_lines() const;  ///< `out` as one object a line
};
std::ostream& operator<<(std::ostream& out, const Output& output);

/// The real program, running.
class Command {
public:
    explicit Command(const Words& arguments, Setup setup = {});
    ~Command();
    Command(const Command&) = delete;
    Command& operator=(const Command&) = delete;

    /// Reads until `text` is in what came so far on stdout or stderr. False when it ended or the deadline came.
    bool wait_for(std::string_view text);
    /// The same for what a terminal shows by now (Tty::out, Tty::both, Tty::keys).
    bool wait_for_screen(const std::function<bool(const Screen&)>& shows);
    /// Types on the terminal (Tty::keys).
    void type(std::string_view keys) const;
    void signal(int number) const;
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Closes our end of its stdout, as `head` does.
    void stop_reading();
    Output finish();
    [[nodiscard]] const std::string& out() const { return output_.out; }
    [[nodiscard]] const std::string& err() const { return output_.err; }

private:
    bool read_some();

    Folder own_;  ///< its stdin, its home and an empty folder to work in
    Setup setup_;
    Output output_;
    pid_t pid_ = -1;
    int out_ = -1;
    int err_ = -1;
    std::chrono::steady_clock::time_point began_;
};

Output run(const Words& arguments, Setup setup = {});

/// `arguments -- haive-mcp-server --quiet switches`.
Words on_server(Words arguments, const Words& switches = {});
/// A configuration with the built-in server under each name, as JSON text; `extra` are more entries.
std::string config_of(const Words& names, std::string_view extra = {});

/// Whether a process lives; waits a little for its end, for the dead may still be on their way.
bool is_gone(long pid);
bool holds(std::string_view text, std::string_view part);
Words lines_of(const std::string& text);
/// What a file holds; nothing when it is not there.
std::string text_of(const std::string& file);

}  // namespace cli_test
