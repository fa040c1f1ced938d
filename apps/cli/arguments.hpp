#pragma once

#include "haive/mcp/client/era_preference.hpp"

#include <optional>
#include <string>
#include <vector>

namespace haive::mcp::cli {

/// One run of the command, as it was typed.
struct Invocation {
    std::string command;                      ///< `tools`, `call`, ...
    std::vector<std::string> operands;        ///< what follows it, options taken out
    std::vector<std::string> server_command;  ///< after `--`: the server's command line

    // Common options.
    std::string config;
    std::optional<double> timeout;  ///< seconds
    EraPreference era = EraPreference::automatic;
    std::string log = "error";
    bool json = false;
    bool quiet = false;
    bool no_color = false;
    bool no_roots = false;
    std::vector<std::string> roots;
    std::vector<std::string> env;  ///< NAME=value for a server given after `--`
    std::string cwd;
    std::vector<std::string> headers;  ///< NAME: value for a server given by URL
    std::string ca_file;
    std::string transport;  ///< what a URL's server speaks; empty: found out

    // Options of single commands.
    std::optional<std::string> args_json;
    std::optional<double> duration;  ///< seconds
    std::optional<double> interval;  ///< seconds
    int count = 4;
    int concurrency = 1;
    std::optional<long> calls;
    bool list = false;
    std::string from;                     ///< a program, or a file
    std::string to;                       ///< a file
    std::optional<std::string> metrics;   ///< where to serve them: HOST:PORT or PORT
    std::optional<std::string> otlp;      ///< URL of a collector, or a file
    std::optional<std::string> record;    ///< file for the flight record
    std::optional<std::string> log_file;  ///< file for log lines as JSON
};

/// What to do after the arguments were read: run, or end with a code (help, version, a mistake).
struct Parsed {
    Invocation invocation;
    std::optional<int> exit_now;
};

/// Reads the command line; prints help and mistakes itself.
[[nodiscard]] Parsed parse_arguments(int argc, char** argv);

}  // namespace haive::mcp::cli
