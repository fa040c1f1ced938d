#pragma once

#include "haive/mcp/protocol/caller.hpp"
#include "haive/mcp/protocol/versions.hpp"

#include <string>
#include <string_view>

namespace haive::mcp {

/// How one era says a request: what goes into `_meta`, and what is said at all. Pure text.
class Dialect {
public:
    /// Before anything is agreed: plain JSON-RPC, as `initialize` wants it.
    static Dialect bare() { return Dialect(Era::legacy, std::string(), std::string()); }
    static Dialect legacy(std::string version) { return Dialect(Era::legacy, std::move(version), std::string()); }
    /// `capabilities` and `client_info` are JSON objects; they go out with every request.
    static Dialect modern(std::string version, std::string_view capabilities, std::string_view client_info);

    [[nodiscard]] Era era() const noexcept { return era_; }
    [[nodiscard]] const std::string& version() const noexcept { return version_; }

    /// The whole JSON-RPC request. `progress_token` asks for progress under the request's own id; `log_level`, when
    /// not empty, for log messages (modern era; the legacy one has a request for it).
    [[nodiscard]] std::string request(std::uint64_t id, const Request& request, bool progress_token,
                                      std::string_view log_level = {}) const;
    [[nodiscard]] std::string cancelled(std::uint64_t id, std::string_view reason) const;

private:
    Dialect(Era era, std::string version, std::string envelope)
        : era_(era), version_(std::move(version)), envelope_(std::move(envelope)) {}

    Era era_;
    std::string version_;
    std::string envelope_;  // `"k":v,"k":v` members of every `_meta`, without braces
};

}  // namespace haive::mcp
