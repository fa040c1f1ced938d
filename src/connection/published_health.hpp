#pragma once

#include "connection/health_score.hpp"

#include <array>
#include <atomic>
#include <cstring>

namespace haive::mcp {

/// The health state as other threads see it: a sequence lock (Boehm 2012) around a plain value.
/// One writer, the loop; readers never block it and retry only when they met a write of some 20 words.
class PublishedHealth {
public:
    PublishedHealth() { publish(HealthState{}); }

    void publish(const HealthState& state) noexcept {
        std::array<std::uint64_t, words> raw{};
        std::memcpy(raw.data(), &state, sizeof(state));
        const std::uint32_t before = sequence_.load(std::memory_order_relaxed);
        sequence_.store(before + 1, std::memory_order_relaxed);
        // Release stores of the words keep them behind the odd sequence number.
        for (std::size_t i = 0; i < words; ++i) data_[i].store(raw[i], std::memory_order_release);
        sequence_.store(before + 2, std::memory_order_release);
    }

    [[nodiscard]] HealthState read() const noexcept {
        std::array<std::uint64_t, words> raw{};
        for (;;) {
            const std::uint32_t before = sequence_.load(std::memory_order_acquire);
            for (std::size_t i = 0; i < words; ++i) raw[i] = data_[i].load(std::memory_order_acquire);
            if ((before & 1U) == 0 && sequence_.load(std::memory_order_relaxed) == before) break;
        }
        HealthState state;
        std::memcpy(static_cast<void*>(&state), raw.data(), sizeof(state));
        return state;
    }

private:
    static constexpr std::size_t words = (sizeof(HealthState) + 7) / 8;
    std::atomic<std::uint32_t> sequence_{0};
    std::array<std::atomic<std::uint64_t>, words> data_{};
};

}  // namespace haive::mcp
