#include "driver/cells.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sys/resource.h>

namespace haive::bench {

int Cell::warm_up() const noexcept { return std::clamp(calls / 4, 1, 2000); }

std::vector<Cell> parse_cells(std::string_view text) {
    std::vector<Cell> out;
    while (!text.empty()) {
        const std::string one(text.substr(0, text.find(',')));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        Cell cell;
        int end = 0;
        const int fields = std::sscanf(one.c_str(), "%d:%zu:%d%n", &cell.in_flight, &cell.bytes, &cell.calls, &end);
        if (fields != 3 || end != static_cast<int>(one.size()) || cell.in_flight < 1 || cell.calls < 1) {
            std::fprintf(stderr, "'%s' is no cell: IN_FLIGHT:BYTES:CALLS\n", one.c_str());
            std::exit(2);
        }
        out.push_back(cell);
    }
    return out;
}

std::string echo_text(int number, std::size_t bytes) {
    std::string out = std::to_string(number);
    out.resize(std::max(bytes, out.size()), 'x');
    return out;
}

double cpu_now_us() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto us = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
    };
    return us(usage.ru_utime) + us(usage.ru_stime);
}

/// The most memory that this process has had resident, in KiB. (ru_maxrss would include its parent's.)
static long peak_rss_kb() {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
        if (line.starts_with("VmHWM:")) return std::atol(line.c_str() + 6);
    }
    return 0;
}

Meter::Meter(const Cell& cell) : cell_(cell), cpu_us_(0) {
    latencies_.reserve(static_cast<std::size_t>(cell.calls));
    cpu_us_ = cpu_now_us();
    began_ = Clock::now();
}

void Meter::print() {
    const double wall = us_since(began_) / cell_.calls;
    const double cpu = (cpu_now_us() - cpu_us_) / cell_.calls;
    if (latencies_.size() != static_cast<std::size_t>(cell_.calls)) die("not every call was answered");
    std::ranges::sort(latencies_);
    const auto at = [&](double q) { return latencies_[static_cast<std::size_t>(q * (cell_.calls - 1))]; };
    std::printf("{\"in_flight\":%d,\"bytes\":%zu,\"calls\":%d,\"cpu_us\":%.4f,\"wall_us\":%.4f,\"p50_us\":%.2f,"
                "\"p99_us\":%.2f,\"p999_us\":%.2f,\"rss_kb\":%ld}\n",
                cell_.in_flight, cell_.bytes, cell_.calls, cpu, wall, at(0.5), at(0.99), at(0.999), peak_rss_kb());
    std::fflush(stdout);
}

void say_first() {
    std::puts("first");
    std::fflush(stdout);
}

void die(std::string_view what) {
    std::fprintf(stderr, "%.*s%s%s\n", static_cast<int>(what.size()), what.data(), errno != 0 ? ": " : "",
                 errno != 0 ? std::strerror(errno) : "");
    std::exit(1);
}

}  // namespace haive::bench
