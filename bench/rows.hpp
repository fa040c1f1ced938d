#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace haive::bench {

/// One measurement: what the client's own process spent (the server's is not counted).
struct Sample {
    double cpu_us = 0;   ///< user + system time per call, microseconds
    double wall_us = 0;  ///< per call
};

/// A row is measured several times, interleaved with the others, so that the machine's mood cancels out.
struct Row {
    std::string name;
    std::function<Sample(int calls)> run;
    int calls = 0;
    std::vector<Sample> samples;
};

/// CPU time of this process so far, in microseconds.
[[nodiscard]] double cpu_now_us();
[[nodiscard]] double wall_now_us();
/// Bytes allocated from the heap now, the allocator's own overhead per block included.
[[nodiscard]] std::size_t heap_bytes();
[[nodiscard]] double median_of(std::vector<double> values);

/// A bare write/read loop over the pipes of the same server with the same bytes: no parsing, no matching.
/// It stands for what the machine must spend; nothing can be below it for long.
Sample bare_loop(const std::string& server, int calls, int in_flight);

/// The library's client, and the whole connection around it, doing the same.
Sample bare_client(const std::string& server, int calls, int in_flight);
Sample whole_connection(const std::string& server, int calls, int in_flight);

/// `count` idle, monitored in-memory connections for `seconds`: bytes each and share of one core.
struct IdleCost {
    double bytes_each = 0;            ///< all of it
    double transport_bytes_each = 0;  ///< of that, the in-memory pair
    double cpu_share = 0;
    std::size_t connected = 0;
};
IdleCost idle_connections(int count, double seconds);

}  // namespace haive::bench
