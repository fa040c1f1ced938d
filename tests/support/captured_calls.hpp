#pragma once

#include "haive/mcp/observe/call_observer.hpp"

#include <string>
#include <vector>

namespace haive::mcp::testing {

/// Keeps what it is told of calls; `lines` in short.
class CapturedCalls final : public CallObserver {
public:
    explicit CapturedCalls(bool traces = false) : traces_(traces) {}
    [[nodiscard]] bool traces() const noexcept override { return traces_; }
    void on_call(const CallRecord& r) noexcept override {
        lines.push_back(std::string(r.method) + " " + std::string(r.name) + " #" + std::to_string(r.number) + "." +
                        std::to_string(r.attempt) + " " + (r.error_type.empty() ? "ok" : std::string(r.error_type)));
        versions.emplace_back(r.protocol_version);
        records.push_back(r);
    }
    std::vector<std::string> versions;
    std::vector<std::string> lines;
    std::vector<CallRecord> records;

private:
    bool traces_;
};

}  // namespace haive::mcp::testing
