#pragma once

#include "transport/stdio/guardian/wire.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

// Who is whose child, as /proc tells it.
namespace haive::mcp::guardian {

void each_number_in(const char* directory, void (*visit)(void*, int), void* self);
void each_number_of(const char* file, void (*visit)(void*, int), void* self);

/// Calls `each(pid)` for every direct child of `parent`, whichever of its threads made it.
template <class Each>
void each_child_of(pid_t parent, Each&& each) {
    struct Context {
        Each* each;
        pid_t parent;
    } context{&each, parent};
    char tasks[64];
    snprintf(tasks, sizeof tasks, "/proc/%d/task", parent);
    each_number_in(
        tasks,
        [](void* self, int thread) {
            auto* c = static_cast<Context*>(self);
            char file[96];
            snprintf(file, sizeof file, "/proc/%d/task/%d/children", c->parent, thread);
            each_number_of(file, [](void* again, int pid) { (*static_cast<Context*>(again)->each)(pid); }, self);
        },
        &context);
}

/// Calls `each(pid)` for every descendant, the deepest first: once a parent is signalled, its children
/// may move.
template <class Each>
void each_descendant_of(pid_t parent, Each& each, int depth = 0) {
    if (depth > 64) return;
    each_child_of(parent, [&](pid_t pid) {
        each_descendant_of(pid, each, depth + 1);
        each(pid);
    });
}

/// Whether a process carries the marker of child `id` in the environment it was started with.
bool is_marked(pid_t pid, std::uint64_t id);

}  // namespace haive::mcp::guardian
