#pragma once

#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <sys/types.h>
#include <unistd.h>
#include <vector>

namespace haive::mcp::testing {

/// What /proc/PID/stat says; nullopt for a process that is not there.
struct ProcessFacts {
    std::string name;
    char state = '?';
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
};

inline std::optional<ProcessFacts> facts_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    if (!std::getline(file, text)) return std::nullopt;
    const std::size_t open = text.find('(');
    const std::size_t shut = text.rfind(')');
    if (open == std::string::npos || shut == std::string::npos) return std::nullopt;
    ProcessFacts facts;
    facts.name = text.substr(open + 1, shut - open - 1);
    std::istringstream rest(text.substr(shut + 1));
    rest >> facts.state >> facts.parent >> facts.group >> facts.session;
    return facts;
}

/// Runs, sleeps or is stopped; a zombie is not alive.
inline bool is_alive(pid_t pid) {
    const auto facts = facts_of(pid);
    return facts && facts->state != 'Z' && facts->state != 'X';
}

/// Not even a zombie is left of it.
inline bool is_gone(pid_t pid) { return !facts_of(pid).has_value(); }

inline pid_t parent_of(pid_t pid) {
    const auto facts = facts_of(pid);
    return facts ? facts->parent : 0;
}

inline std::vector<pid_t> all_processes() {
    std::vector<pid_t> out;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error == std::errc() && end == name.data() + name.size()) out.push_back(pid);
    }
    return out;
}

inline std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> out;
    for (const pid_t pid : all_processes()) {
        if (parent_of(pid) == parent) out.push_back(pid);
    }
    return out;
}

inline int zombies_below(pid_t parent) {
    int count = 0;
    for (const pid_t pid : children_of(parent)) {
        const auto facts = facts_of(pid);
        if (facts && facts->state == 'Z') ++count;
        count += zombies_below(pid);
    }
    return count;
}

/// Open descriptors of this process.
inline std::size_t open_files() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

}  // namespace haive::mcp::testing
