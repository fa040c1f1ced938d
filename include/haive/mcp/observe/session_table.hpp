#pragma once

#include "haive/mcp/observe/instruments.hpp"

#include <array>
#include <atomic>
#include <string>
#include <string_view>

namespace haive::mcp {

/// How long sessions of one protocol version lasted.
struct SessionMetrics {
    explicit SessionMetrics(std::string_view v) : version(v) {}
    const std::string version;
    Histogram in_order;
    Histogram lost;
};

/// The sessions of one server by their protocol version, found without a lock. There are few versions: past `most`
/// of them, all go to one without a name.
class SessionTable {
public:
    static constexpr std::size_t most = 8;

    SessionTable() = default;
    ~SessionTable();
    SessionTable(const SessionTable&) = delete;
    SessionTable& operator=(const SessionTable&) = delete;

    /// Any thread; the first session of its version allocates.
    [[nodiscard]] SessionMetrics& of(std::string_view version);
    template <class See>
    void each(See&& see) const {
        for (const auto& slot : slots_) {
            if (const SessionMetrics* found = slot.load(std::memory_order_acquire)) see(*found);
        }
    }

private:
    std::array<std::atomic<SessionMetrics*>, most + 1> slots_{};
};

}  // namespace haive::mcp
