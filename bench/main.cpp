// ./dev bench: ratios in one run. Rows are interleaved; medians are printed.
#include "rows.hpp"

#include <cstdio>
#include <cstdlib>
#include <sched.h>
#include <string_view>

using namespace haive::bench;

namespace {

const char* verdict(double value, double budget) { return value <= budget ? "ok" : "MISSED"; }

struct Figures {
    double cpu;
    double wall;
};

Figures medians(const Row& row) {
    std::vector<double> cpu;
    std::vector<double> wall;
    for (const Sample& s : row.samples) {
        cpu.push_back(s.cpu_us);
        wall.push_back(s.wall_us);
    }
    return {median_of(cpu), median_of(wall)};
}

}  // namespace

/// Both ends on one core: what is compared is work, not how the machine wakes another core today.
static void stay_on_this_core() {
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET(sched_getcpu(), &core);
    sched_setaffinity(0, sizeof core, &core);
}

int main(int argc, char** argv) {
    int rounds = 5;
    double idle_seconds = 60;
    int idle_count = 10000;
    bool pin = true;
    std::string server = HAIVE_BENCH_SERVER;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view flag = argv[i];
        if (flag == "--rounds") rounds = std::atoi(argv[i + 1]);
        if (flag == "--idle-seconds") idle_seconds = std::atof(argv[i + 1]);
        if (flag == "--idle-count") idle_count = std::atoi(argv[i + 1]);
        if (flag == "--server") server = argv[i + 1];
        if (flag == "--pin") pin = std::string_view(argv[i + 1]) != "no";
    }
    if (pin) stay_on_this_core();
    std::vector<Row> rows;
    const auto add = [&](std::string name, int calls, auto run) {
        rows.push_back(Row{std::move(name), run, calls, {}});
    };
    add("bare loop, 1 in flight", 20000, [&](int n) { return bare_loop(server, n, 1); });
    add("client, 1 in flight", 20000, [&](int n) { return bare_client(server, n, 1); });
    add("connection, 1 in flight", 20000, [&](int n) { return whole_connection(server, n, 1); });
    add("bare loop, 32 in flight", 200000, [&](int n) { return bare_loop(server, n, 32); });
    add("client, 32 in flight", 200000, [&](int n) { return bare_client(server, n, 32); });
    add("connection, 32 in flight", 200000, [&](int n) { return whole_connection(server, n, 32); });

    for (int round = 0; round < rounds; ++round) {
        for (Row& row : rows) row.samples.push_back(row.run(row.calls));
    }
    std::printf("%-28s %12s %12s %10s\n", "stdio, echo of 100 bytes", "CPU us/call", "wall us/call", "CPU ratio");
    double floor = 0;
    for (const Row& row : rows) {
        const Figures f = medians(row);
        if (row.name.starts_with("bare loop")) floor = f.cpu;
        std::printf("%-28s %12.2f %12.2f %9.2fx\n", row.name.c_str(), f.cpu, f.wall, f.cpu / floor);
    }
    const auto cpu = [&](std::size_t i) { return medians(rows[i]).cpu; };
    std::printf("\n%-58s %10s %10s\n", "budget (design section 7)", "measured", "");
    std::printf("%-58s %9.2fx %10s\n", "sequential stdio call / bare loop <= 3x", cpu(2) / cpu(0),
                verdict(cpu(2) / cpu(0), 3));
    std::printf("%-58s %7.2f us %10s\n", "pipelined stdio call (32) <= 6 us", cpu(5), verdict(cpu(5), 6));
    std::printf("%-58s %7.2f us %10s\n", "connection above the bare client <= 2 us", cpu(5) - cpu(4),
                verdict(cpu(5) - cpu(4), 2));
    if (idle_count > 0) {
        const IdleCost idle = idle_connections(idle_count, idle_seconds);
        const double own = idle.bytes_each - idle.transport_bytes_each;
        std::printf("%-58s %7.0f B  %10s\n", "idle monitored connection, transport aside <= 4096 B", own,
                    verdict(own, 4096));
        std::printf("%-58s %7.0f B\n", "  with the in-memory transport, both ends", idle.bytes_each);
        std::printf("%-58s %8.2f %% %10s\n", "10,000 idle monitored connections <= 2 % of a core", idle.cpu_share * 100,
                    verdict(idle.cpu_share, 0.02));
        std::printf("(%zu of %d idle connections were up throughout, %.0f s)\n", idle.connected, idle_count,
                    idle_seconds);
    }
    return 0;
}
