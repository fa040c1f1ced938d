#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace haive::bench {

/// One kind of operation, made ready: the server runs, everything is open and warm. On one thread, one at a time.
class WarmOperation {
public:
    WarmOperation() = default;
    virtual ~WarmOperation() = default;
    WarmOperation(const WarmOperation&) = delete;
    WarmOperation& operator=(const WarmOperation&) = delete;

    /// Does it `times` times; `between` runs before the first one and after each one.
    virtual void repeat(int times, const std::function<void()>& between) = 0;
};

struct OperationKind {
    std::string_view name;
    std::string_view what;
    std::unique_ptr<WarmOperation> (*make)(const std::string& echo_server);  ///< `haive-bench-echo`
};

[[nodiscard]] std::span<const OperationKind> operation_kinds() noexcept;
/// nullptr when there is none of that name.
[[nodiscard]] const OperationKind* find_operation(std::string_view name) noexcept;

}  // namespace haive::bench
