// Does one kind of operation again and again, warm, on one thread, and nothing else: for a tool that counts
// instructions from outside (bench/gate.sh). What is not the operation cancels between two runs of different length.
//     haive-bench-instructions KIND TIMES
#include "warm_operation.hpp"

#include <cstdio>
#include <cstdlib>
#include <sched.h>

using namespace haive::bench;

namespace {

/// The server answers when we wait for it and not sooner: else how many turns of the loop an answer takes, and with
/// them the count, would hang on what else the machine does. What is set here the server's process inherits.
void take_turns_with_the_server() {
    cpu_set_t core;
    CPU_ZERO(&core);
    CPU_SET(sched_getcpu(), &core);
    sched_setaffinity(0, sizeof core, &core);
    const sched_param none{};
    sched_setscheduler(0, SCHED_BATCH, &none);  // being woken is no reason to interrupt who runs
}

}  // namespace

int main(int argc, char** argv) {
    const OperationKind* kind = argc == 3 ? find_operation(argv[1]) : nullptr;
    const int times = argc == 3 ? std::atoi(argv[2]) : 0;
    if (kind == nullptr || times < 1) {
        std::fprintf(stderr, "usage: haive-bench-instructions KIND TIMES\n");
        for (const auto& one : operation_kinds())
            std::fprintf(stderr, "  %-24s %s\n", one.name.data(), one.what.data());
        return 2;
    }
    take_turns_with_the_server();
    const auto operation = kind->make(HAIVE_BENCH_ECHO);
    operation->repeat(times, [] {});
    return 0;
}
