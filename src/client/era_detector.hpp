#pragma once

#include "haive/mcp/base/error.hpp"
#include "haive/mcp/client/era_preference.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// What the handshake does next.
enum class EraStep : std::uint8_t {
    discover,              ///< send `server/discover` at `version()`
    initialize,            ///< send `initialize` on the same channel
    initialize_elsewhere,  ///< the probe spoilt this channel: open a fresh one, then `initialize`
    agreed_modern,         ///< done: modern at `version()`
    agreed_legacy,         ///< done: legacy at `version()`
    failed,                ///< done: `error()`
};

/// Finds out which era a server speaks (MCP *Versioning and Compatibility*). Pure; one per attempt.
///
/// It asks the newest era first, takes any unrecognised error, garbage, silence or death as "legacy",
/// never keys on a single error code, and starts from what is remembered about the server.
class EraDetector {
public:
    EraDetector(EraPreference preference, std::optional<PriorEra> prior);

    /// The first step on the channel that was just opened.
    EraStep begin();
    /// `supported` is nullopt when the answer was not a DiscoverResult.
    EraStep on_discover_result(const std::optional<std::vector<std::string>>& supported);
    /// A JSON-RPC error to `server/discover`; `supported` from its data, where there.
    EraStep on_discover_error(int code, const std::vector<std::string>& supported);
    /// No answer in time, or the peer went away while it was asked.
    EraStep on_discover_silence(bool peer_gone);
    EraStep on_initialize_result(std::string_view version);
    EraStep on_initialize_error(int code, const std::vector<std::string>& supported);

    [[nodiscard]] const std::string& version() const noexcept { return version_; }
    /// Set when the step is `failed` and the detector knows why; the peer's own error says the rest.
    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

private:
    EraStep fall_back(EraStep how);
    EraStep choose_modern(const std::vector<std::string>& supported, bool& found);
    EraStep fail(ErrorKind kind, std::string text);

    EraPreference preference_;
    std::optional<PriorEra> prior_;
    std::string version_;
    std::optional<Error> error_;
    bool on_fresh_channel_ = false;
    bool corrected_ = false;
    bool reprobed_ = false;
};

}  // namespace haive::mcp
