// ./dev bench: ratios in one run. Rows are interleaved; medians are printed.
#include "http_rows.hpp"
#include "rows.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sched.h>
#include <string_view>
#include <unistd.h>

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

/// A folder of our own that goes with this object.
class Folder {
public:
    Folder() {
        if (mkdtemp(path_.data()) == nullptr) std::exit(1);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_ = (std::filesystem::temp_directory_path() / "haive-bench-XXXXXX").string();
};

}  // namespace

/// Both ends on one core: what is compared is work, not how the machine wakes another core today.
static void stay_on_this_core() {
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET(sched_getcpu(), &core);
    sched_setaffinity(0, sizeof core, &core);
}

struct Settings {
    int rounds = 5;
    double idle_seconds = 60;
    int idle_count = 10000;
    bool pin = true;
    std::string server = HAIVE_BENCH_SERVER;
    std::string http_echo = HAIVE_BENCH_HTTP_ECHO;
    std::string typescript;  ///< a command; empty: no such row
    std::string only;        ///< "stdio", "http" or "idle"; empty: all
};

static Settings read_settings(int argc, char** argv) {
    Settings out;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view flag = argv[i];
        const char* value = argv[i + 1];
        if (flag == "--rounds") out.rounds = std::atoi(value);
        if (flag == "--idle-seconds") out.idle_seconds = std::atof(value);
        if (flag == "--idle-count") out.idle_count = std::atoi(value);
        if (flag == "--server") out.server = value;
        if (flag == "--pin") out.pin = std::string_view(value) != "no";
        if (flag == "--typescript") out.typescript = value;
        if (flag == "--only") out.only = value;
    }
    return out;
}

static double cpu_of(const std::vector<Row>& rows, std::string_view name) {
    for (const Row& row : rows) {
        if (row.name == name) return medians(row).cpu;
    }
    return 0;
}

/// Runs the rows interleaved and prints each beside the bare loop with as many in flight.
static void run_table(const char* title, std::vector<Row>& rows, int rounds) {
    for (int round = 0; round < rounds; ++round) {
        for (Row& row : rows) row.samples.push_back(row.run(row.calls));
    }
    std::printf("%-34s %12s %12s %10s\n", title, "CPU us/call", "wall us/call", "CPU ratio");
    for (const Row& row : rows) {
        const Figures f = medians(row);
        const double floor = cpu_of(rows, "bare loop" + row.name.substr(row.name.rfind(',')));
        std::printf("%-34s %12.2f %12.2f %9.2fx\n", row.name.c_str(), f.cpu, f.wall, f.cpu / floor);
    }
    std::printf("\n");
}

static void say_budget(const char* what, const char* format, double value, double budget) {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    std::printf("%-60s %12s %8s\n", what, text, verdict(value, budget));
}

static void stdio_table(const Settings& settings) {
    std::vector<Row> rows;
    const std::string& server = settings.server;
    const auto add = [&](std::string name, int calls, auto run) {
        rows.push_back(Row{std::move(name), run, calls, {}});
    };
    add("bare loop, 1 in flight", 20000, [&](int n) { return bare_loop(server, n, 1); });
    add("client, 1 in flight", 20000, [&](int n) { return bare_client(server, n, 1); });
    add("connection, 1 in flight", 20000, [&](int n) { return whole_connection(server, n, 1); });
    add("bare loop, 32 in flight", 200000, [&](int n) { return bare_loop(server, n, 32); });
    add("client, 32 in flight", 200000, [&](int n) { return bare_client(server, n, 32); });
    add("connection, 32 in flight", 200000, [&](int n) { return whole_connection(server, n, 32); });
    run_table("stdio, echo of 100 bytes", rows, settings.rounds);
    const double pipelined = cpu_of(rows, "connection, 32 in flight");
    say_budget("sequential stdio call / bare loop <= 3x", "%.2fx",
               cpu_of(rows, "connection, 1 in flight") / cpu_of(rows, "bare loop, 1 in flight"), 3);
    say_budget("pipelined stdio call (32) <= 6 us", "%.2f us", pipelined, 6);
    say_budget("connection above the bare client <= 2 us", "%.2f us", pipelined - cpu_of(rows, "client, 32 in flight"),
               2);
    std::printf("\n");
}

static void http_table(const Settings& settings) {
    const HttpEcho plain(settings.http_echo, "");
    const Folder folder;
    const HttpEcho tls(settings.http_echo, folder.path());
    std::vector<Row> rows;
    const auto add = [&](std::string name, int calls, auto run) {
        rows.push_back(Row{std::move(name), run, calls, {}});
    };
    for (const int flight : {1, 32}) {
        const std::string with = ", " + std::to_string(flight) + " in flight";
        const int calls = flight == 1 ? 20000 : 50000;
        // First, so that the bare loop repeats the very bytes.
        add("connection" + with, calls,
            [&, flight](int n) { return http_connection(plain, HttpEra::legacy, n, flight); });
        add("bare loop" + with, calls, [&, flight](int n) { return bare_http_loop(plain, n, flight); });
        add("client" + with, calls, [&, flight](int n) { return http_client(plain, HttpEra::legacy, n, flight); });
        add("connection, modern" + with, calls,
            [&, flight](int n) { return http_connection(plain, HttpEra::modern, n, flight); });
        add("connection, TLS" + with, calls,
            [&, flight](int n) { return http_connection(tls, HttpEra::legacy, n, flight); });
        if (!settings.typescript.empty()) {
            add("TypeScript client" + with, 2000,
                [&, flight](int n) { return peer_client(settings.typescript, plain, n, flight); });
        }
    }
    run_table("Streamable HTTP, echo of 100 bytes", rows, settings.rounds);
    for (const std::string with : {", 1 in flight", ", 32 in flight"}) {
        const double ours = cpu_of(rows, "connection" + with);
        say_budget(("HTTP call / bare socket loop <= 3x" + with).c_str(), "%.2fx",
                   ours / cpu_of(rows, "bare loop" + with), 3);
        say_budget(("the same over TLS / plain <= 1.7x" + with).c_str(), "%.2fx",
                   cpu_of(rows, "connection, TLS" + with) / ours, 1.7);
    }
    std::printf("\n");
}

static void idle_table(const Settings& settings) {
    const IdleCost idle = idle_connections(settings.idle_count, settings.idle_seconds);
    const double own = idle.bytes_each - idle.transport_bytes_each;
    say_budget("idle monitored connection, transport aside <= 4096 B", "%.0f B", own, 4096);
    std::printf("%-60s %10.0f B\n", "  with the in-memory transport, both ends", idle.bytes_each);
    say_budget("10,000 idle monitored connections <= 2 % of a core", "%.2f %%", idle.cpu_share * 100, 2);
    std::printf("(%zu of %d idle connections were up throughout, %.0f s)\n", idle.connected, settings.idle_count,
                settings.idle_seconds);
}

int main(int argc, char** argv) {
    const Settings settings = read_settings(argc, argv);
    if (settings.pin) stay_on_this_core();
    const auto wanted = [&](std::string_view part) { return settings.only.empty() || settings.only == part; };
    if (wanted("stdio")) stdio_table(settings);
    if (wanted("http")) http_table(settings);
    if (wanted("idle") && settings.idle_count > 0) idle_table(settings);
    return 0;
}
