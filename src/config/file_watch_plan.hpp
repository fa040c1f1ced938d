#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstdint>
#include <optional>

namespace haive::mcp {

/// What tells one state of a file from another without reading it.
struct FileIdentity {
    bool there = false;
    std::int64_t modified = 0;  ///< nanoseconds
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    bool operator==(const FileIdentity&) const = default;
};

/// Decides when a watched file is read: once it changed and was then left alone. Pure.
class FileWatchPlan {
public:
    struct Step {
        bool read;       ///< read it now
        TimePoint next;  ///< look again then
    };

    FileWatchPlan(FileIdentity known, Duration settle, Duration poll) : known_(known), settle_(settle), poll_(poll) {}

    /// After a look at the file, at `now`.
    Step looked(const FileIdentity& file, TimePoint now);

private:
    static constexpr int patience = 10;  // settle times, for a file that is never left alone

    FileIdentity known_;                 // as it was last read
    std::optional<FileIdentity> fresh_;  // as it was last seen, not read yet
    TimePoint fresh_since_{};
    TimePoint changed_at_{};
    Duration settle_;
    Duration poll_;
};

}  // namespace haive::mcp
