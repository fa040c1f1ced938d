#include "process_facts.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <map>
#include <string>
#include <unistd.h>

namespace haive::bench {

namespace {

/// Allocated now, the allocator's own overhead per block included.
std::size_t heap_bytes() {
    const auto heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

std::size_t entries_of(const char* folder) {
    std::error_code gone;
    const std::filesystem::directory_iterator begin(folder, gone);
    return static_cast<std::size_t>(std::distance(begin, std::filesystem::directory_iterator()));
}

/// The parent of every process that there is.
std::multimap<pid_t, pid_t> families() {
    std::multimap<pid_t, pid_t> out;
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size()) continue;
        std::ifstream file(entry.path() / "stat");
        std::string text;
        if (!std::getline(file, text)) continue;
        char state = 0;
        pid_t parent = 0;
        if (std::sscanf(text.c_str() + text.rfind(')') + 1, " %c %d", &state, &parent) == 2) out.emplace(parent, pid);
    }
    return out;
}

std::size_t descendants(const std::multimap<pid_t, pid_t>& families, pid_t of) {
    std::size_t count = 0;
    const auto [begin, end] = families.equal_range(of);
    for (auto child = begin; child != end; ++child) count += 1 + descendants(families, child->second);
    return count;
}

}  // namespace

ProcessFacts facts_of_this_process() {
    ProcessFacts out;
    out.heap_kib = static_cast<double>(heap_bytes()) / 1024;
    long pages = 0;
    long resident = 0;
    std::ifstream("/proc/self/statm") >> pages >> resident;
    out.rss_kib = static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024;
    out.descriptors = entries_of("/proc/self/fd") - 1;  // the look itself holds one
    out.threads = entries_of("/proc/self/task");
    out.children = descendants(families(), getpid());
    return out;
}

}  // namespace haive::bench
