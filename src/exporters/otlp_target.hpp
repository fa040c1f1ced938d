#pragma once

#include "haive/mcp/base/result.hpp"
#include "haive/mcp/exporters/otlp_exporter.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Where exports go. One thread at a time; may wait.
class OtlpTarget {
public:
    virtual ~OtlpTarget() = default;
    /// `path` is `/v1/traces` or `/v1/metrics`. False when it did not get through.
    [[nodiscard]] virtual bool put(std::string_view path, const std::string& body) = 0;
};

[[nodiscard]] Result<std::unique_ptr<OtlpTarget>> open_otlp_target(const OtlpOptions& options);

}  // namespace haive::mcp
