#include "ledger.hpp"

#include "message.hpp"

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <unistd.h>

namespace builtin {

void Ledger::note(const std::string& key) const {
    if (std::ranges::any_of(key, [](char c) { return c == '\n' || c == '\r'; })) {
        throw Refusal{-32602, "`key` must be one line"};
    }
    if (path_.empty()) return;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
    const std::string line = key + ' ' + std::to_string(getpid()) + ' ' + std::to_string(nanoseconds) + '\n';
    const int file = open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    const bool written = file >= 0 && write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (file >= 0) close(file);
    if (!written) throw Refusal{-32603, "the ledger cannot be written"};
}

}  // namespace builtin
