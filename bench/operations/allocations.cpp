// What a warm call takes from the heap: one JSON line a kind of operation.
//     haive-bench-allocations [KIND...]
//     haive-bench-allocations --where KIND     the stacks of one call's allocations, on stderr
#include "counted_allocations.hpp"
#include "warm_operation.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

using namespace haive::bench;

namespace {

constexpr int calls = 1000;

void measure(const OperationKind& kind) {
    const auto operation = kind.make(HAIVE_BENCH_ECHO);
    std::vector<AllocationCount> marks;
    marks.reserve(calls + 1);
    operation->repeat(calls, [&] { marks.push_back(allocations_so_far()); });
    std::vector<std::uint64_t> own;
    for (std::size_t i = 1; i < marks.size(); ++i) own.push_back((marks[i] - marks[i - 1]).own_thread);
    std::ranges::sort(own);
    const AllocationCount all = marks.back() - marks.front();
    const auto per_call = [](std::uint64_t n) { return static_cast<double>(n) / calls; };
    std::printf(R"({"operation":"%s","median":%lu,"most":%lu,"mean":%.3f,"mean_all_threads":%.3f,"bytes":%.0f})"
                "\n",
                kind.name.data(), own[own.size() / 2], own.back(), per_call(all.own_thread), per_call(all.all_threads),
                per_call(all.bytes));
    std::fflush(stdout);
}

void show_where(const OperationKind& kind) {
    const auto operation = kind.make(HAIVE_BENCH_ECHO);
    int seen = 0;
    operation->repeat(3, [&] { print_allocations(++seen == 2); });  // the second call
}

int usage() {
    std::fprintf(stderr, "usage: haive-bench-allocations [--where KIND | KIND...]\n");
    for (const auto& kind : operation_kinds()) std::fprintf(stderr, "  %-24s %s\n", kind.name.data(), kind.what.data());
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    const bool where = argc == 3 && std::strcmp(argv[1], "--where") == 0;
    std::vector<const OperationKind*> wanted;
    for (int i = where ? 2 : 1; i < argc; ++i) {
        const OperationKind* kind = find_operation(argv[i]);
        if (kind == nullptr) return usage();
        wanted.push_back(kind);
    }
    if (where) {
        show_where(*wanted.front());
        return 0;
    }
    if (wanted.empty()) {
        for (const auto& kind : operation_kinds()) wanted.push_back(&kind);
    }
    for (const OperationKind* kind : wanted) measure(*kind);
    return 0;
}
