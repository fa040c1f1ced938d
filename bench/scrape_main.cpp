// haive-bench-scrape [REPETITIONS] [SERVERS]: prints `scrape_1000_servers_ms MEDIAN MIN MAX BYTES`, and the same
// figures as JSON lines for run.py.
#include "scrape_rows.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

int main(int count, char** arguments) try {
    const int repetitions = count > 1 ? std::atoi(arguments[1]) : 20;
    const int servers = count > 2 ? std::atoi(arguments[2]) : 1000;
    if (repetitions < 1 || servers < 1) {
        std::fputs("usage: haive-bench-scrape [REPETITIONS] [SERVERS]\n", stderr);
        return 2;
    }
    const haive::bench::ScrapeCost cost = haive::bench::scrape_cost(servers, repetitions);
    std::printf("scrape_%d_servers_ms %.2f %.2f %.2f %zu\n", servers, cost.median_ms, cost.least_ms, cost.most_ms,
                cost.bytes);
    const auto figure = [servers](const char* what, double value, const char* unit) {
        std::printf("{\"figure\": \"scrape_%d_servers%s\", \"value\": %.2f, \"unit\": \"%s\"}\n", servers, what, value,
                    unit);
    };
    figure("", cost.median_ms, "ms");
    figure("_least", cost.least_ms, "ms");
    figure("_most", cost.most_ms, "ms");
    figure("_size", static_cast<double>(cost.bytes) / 1e6, "MB");
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "haive-bench-scrape: %s\n", e.what());
    return 1;
}
