#include "transport/stdio/guardian/processes.hpp"

#include <dirent.h>

namespace haive::mcp::guardian {

void each_number_in(const char* directory, void (*visit)(void*, int), void* self) {
    DIR* dir = opendir(directory);
    if (dir == nullptr) return;
    while (const dirent* entry = readdir(dir)) {
        const int number = atoi(entry->d_name);
        if (number > 0) visit(self, number);
    }
    closedir(dir);
}

void each_number_of(const char* file, void (*visit)(void*, int), void* self) {
    const int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    char text[4096];
    int number = 0;
    for (ssize_t got = 0; (got = read(fd, text, sizeof text)) > 0;) {
        for (ssize_t i = 0; i < got; ++i) {
            if (text[i] >= '0' && text[i] <= '9') {
                number = number * 10 + (text[i] - '0');
            } else if (number != 0) {
                visit(self, number);
                number = 0;
            }
        }
    }
    if (number != 0) visit(self, number);
    close(fd);
}

bool is_marked(pid_t pid, std::uint64_t id) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    char wanted[64];
    // The marker is put first into the environment, so the beginning is enough; programs that add
    // variables in front of it are read on for a while.
    const int length =
        snprintf(wanted, sizeof wanted, "%s=%d.%llu", marker_variable, getpid(), static_cast<unsigned long long>(id));
    static char text[1 << 16];
    size_t filled = 0;
    for (ssize_t got = 0; filled < sizeof text - 1; filled += static_cast<size_t>(got)) {
        got = read(fd, text + filled, sizeof text - 1 - filled);
        if (got <= 0) break;
    }
    close(fd);
    text[filled] = '\0';
    for (const char* at = text; at < text + filled; at += strlen(at) + 1) {
        if (strncmp(at, wanted, static_cast<size_t>(length) + 1) == 0) return true;
    }
    return false;
}

}  // namespace haive::mcp::guardian
