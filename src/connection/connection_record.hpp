#pragma once

#include "haive/mcp/base/error.hpp"
#include "haive/mcp/client/era_preference.hpp"
#include "haive/mcp/client/session_facts.hpp"
#include "haive/mcp/connection/connection_status.hpp"
#include "haive/mcp/connection/phase.hpp"
#include "haive/mcp/transport/channel.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace haive::mcp {

/// Counters of one connection's whole life; what metrics and `get_info` both read.
struct Counters {
    std::uint64_t connections = 0;  ///< successful connects
    std::uint64_t failed_attempts = 0;
    std::uint64_t lost = 0;  ///< unexpected disconnects
    std::uint64_t missed_probes = 0;
    std::uint64_t reconnects = 0;  ///< successful connects after the first
    std::uint64_t calls = 0;
    std::uint64_t calls_failed = 0;  ///< in transport: an answered error is not one
    std::uint64_t retries = 0;
    std::uint64_t stale_events = 0;
    Duration uptime_before{};  ///< of earlier generations

    [[nodiscard]] std::uint64_t errors() const noexcept { return failed_attempts + lost + missed_probes; }
};

/// One change of phase, as `explain` shows it.
struct TransitionRecord {
    TimePoint at{};
    Phase from = Phase::idle;
    Phase to = Phase::idle;
    std::string reason;
};

/// The last 32 changes, the oldest first when read.
class TransitionLog {
public:
    void add(TransitionRecord record) {
        if (entries_.size() >= kept) entries_.erase(entries_.begin());
        // One by one: most connections see the three that lead to "ready", and nothing more.
        if (entries_.size() < few) entries_.reserve(entries_.size() + 1);
        entries_.push_back(std::move(record));
    }
    [[nodiscard]] const std::vector<TransitionRecord>& entries() const noexcept { return entries_; }

private:
    static constexpr std::size_t kept = 32;
    static constexpr std::size_t few = 4;
    std::vector<TransitionRecord> entries_;
};

/// Whether there is anything to tell but how many bytes went to and fro.
[[nodiscard]] inline bool says_more_than_bytes(const ChannelEvidence& evidence) noexcept {
    ChannelEvidence plain;
    plain.bytes_in = evidence.bytes_in;
    plain.bytes_out = evidence.bytes_out;
    plain.last_byte_in = evidence.last_byte_in;
    plain.peer_showed_life = evidence.peer_showed_life;
    plain.serial_peer = evidence.serial_peer;
    return evidence != plain;
}

/// What is known of a connection, for `get_info`, `explain`, errors and events.
struct ConnectionRecord {
    Phase phase = Phase::idle;
    ConnectionStatus status = ConnectionStatus::disconnected;
    TimePoint since{};
    std::uint64_t generation = 0;
    int attempts = 0;
    bool monitoring = false;
    TimePoint next_attempt = never;
    TimePoint connected_at = never;
    Duration round_trip{};  ///< of the newest answered probe; zero before
    std::optional<std::chrono::system_clock::time_point> last_connected;
    std::optional<Error> last_error;
    std::string reason;
    Counters counters;
    std::shared_ptr<const SessionFacts> facts;
    std::optional<PriorEra> prior_era;
    std::uint64_t bytes_in = 0;  ///< of the present transport, or the last
    std::uint64_t bytes_out = 0;
    std::shared_ptr<const ChannelEvidence> evidence;  ///< null where it says no more than that
    TransitionLog transitions;
};

/// The record as the loop's thread writes it and all others copy it: there is only this one.
class SharedRecord {
public:
    /// Loop thread: reads need no lock, there is no other writer.
    [[nodiscard]] const ConnectionRecord* operator->() const noexcept { return &record_; }
    template <class Change>
    void edit(Change&& change) {
        std::lock_guard lock(mutex_);
        change(record_);
    }
    /// Any thread; `look` must be quick.
    template <class Look>
    void read(Look&& look) const {
        std::lock_guard lock(mutex_);
        look(record_);
    }
    [[nodiscard]] ConnectionRecord copy() const {
        std::lock_guard lock(mutex_);
        return record_;
    }

private:
    mutable std::mutex mutex_;
    ConnectionRecord record_;
};

}  // namespace haive::mcp
