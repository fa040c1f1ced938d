#pragma once

#include "haive/mcp/base/error.hpp"
#include "haive/mcp/observe/instruments.hpp"

#include <array>
#include <atomic>
#include <optional>
#include <string>
#include <string_view>

namespace haive::mcp {

/// How one call ended, as metrics tell ends apart.
struct CallEnd {
    CallEnd() = default;
    std::optional<ErrorKind> kind;  ///< unset: it was answered with a result
    std::optional<int> rpc_code;    ///< of a JSON-RPC error
    bool tool_error = false;        ///< the result says `isError`
};

/// `error.type` of an end: a JSON-RPC code that is known, `tool_error`, our kind, or `_OTHER` for a code that the
/// server made up; empty for a good result. Static text.
[[nodiscard]] std::string_view error_type(const CallEnd& end) noexcept;

/// `rpc.response.status_code` of what `error_type` said: the JSON-RPC code, or empty where it was none.
[[nodiscard]] constexpr std::string_view status_code(std::string_view error_type) noexcept {
    return error_type.starts_with('-') ? error_type : std::string_view();
}

/// The durations of one operation: a method, for `tools/call` and `prompts/get` what was called, and the protocol
/// version it was said in (empty: it found no session).
class OperationMetrics {
public:
    OperationMetrics(std::string_view method, std::string_view name, std::string_view version);
    ~OperationMetrics();
    OperationMetrics(const OperationMetrics&) = delete;
    OperationMetrics& operator=(const OperationMetrics&) = delete;

    [[nodiscard]] const std::string& method() const noexcept { return method_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& version() const noexcept { return version_; }
    /// Any thread, no lock; the first end of its kind allocates.
    void record(const CallEnd& end, Duration elapsed);
    /// `see(error_type, reading)` of every kind of end that was met.
    template <class See>
    void read(See&& see) const {
        for (std::size_t i = 0; i < ends_.size(); ++i) {
            if (const Histogram* h = ends_[i].load(std::memory_order_acquire)) see(type_at(i), h->read());
        }
    }

private:
    static constexpr std::size_t most_types = 48;
    [[nodiscard]] static std::string_view type_at(std::size_t index) noexcept;

    const std::string method_;
    const std::string name_;
    const std::string version_;
    std::array<std::atomic<Histogram*>, most_types> ends_{};
};

/// The operations of one server, found by name without a lock. Names come from programs and from models, so they
/// are bounded: past `most` distinct ones, and for names over 128 bytes, all go to `_other`, of no version.
class OperationTable {
public:
    static constexpr std::size_t most = 200;

    OperationTable() = default;
    ~OperationTable();
    OperationTable(const OperationTable&) = delete;
    OperationTable& operator=(const OperationTable&) = delete;

    /// Any thread. `name` counts for `tools/call` and `prompts/get` only: other names may be URIs.
    [[nodiscard]] OperationMetrics& of(std::string_view method, std::string_view name, std::string_view version = {});
    template <class See>
    void each(See&& see) const {
        for (const auto& slot : slots_) {
            if (const OperationMetrics* found = slot.load(std::memory_order_acquire)) see(*found);
        }
    }

private:
    static constexpr std::size_t slot_count = 512;  // a power of two, well above `most`
    std::array<std::atomic<OperationMetrics*>, slot_count> slots_{};
    std::atomic<std::size_t> used_{0};
};

}  // namespace haive::mcp
