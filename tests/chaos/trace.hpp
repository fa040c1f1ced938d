#pragma once

#include "haive/mcp/base/time.hpp"

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace haive::mcp::chaos {

/// What happened, in order, as one number; in words too when a seed is replayed.
class Trace {
public:
    explicit Trace(bool aloud) : aloud_(aloud) {}

    void note(TimePoint now, int who, std::string_view what, std::int64_t number = 0, std::string_view text = {}) {
        add(static_cast<std::uint64_t>(now.time_since_epoch().count()));
        add(static_cast<std::uint64_t>(who));
        add(what);
        add(static_cast<std::uint64_t>(number));
        add(text);
        if (!aloud_) return;
        const double at = to_seconds(now.time_since_epoch() - std::chrono::hours(1000));
        std::printf("%12.6f  #%d %-24.*s %6lld  %.*s\n", at, who, static_cast<int>(what.size()), what.data(),
                    static_cast<long long>(number), static_cast<int>(text.size()), text.data());
    }
    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
    [[nodiscard]] bool aloud() const noexcept { return aloud_; }

private:
    void add(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15ULL + (hash_ >> 29); }
    void add(std::string_view text) {
        for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }

    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
    bool aloud_;
};

}  // namespace haive::mcp::chaos
