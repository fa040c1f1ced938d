#include "client/era_detector.hpp"

#include "haive/mcp/protocol/error_codes.hpp"
#include "haive/mcp/protocol/versions.hpp"

#include <algorithm>
#include <utility>

namespace haive::mcp {

namespace {

std::string joined(const std::vector<std::string>& versions) {
    std::string out;
    for (const auto& v : versions) out += (out.empty() ? "" : ", ") + v.substr(0, 40);
    return out;
}

bool any_modern(const std::vector<std::string>& versions) {
    return std::ranges::any_of(versions, [](const std::string& v) { return is_modern(v); });
}

}  // namespace

EraDetector::EraDetector(EraPreference preference, std::optional<PriorEra> prior)
    : preference_(preference), prior_(std::move(prior)), version_(latest_modern_version) {}

EraStep EraDetector::begin() {
    if (on_fresh_channel_ || preference_ == EraPreference::legacy) return EraStep::initialize;
    if (preference_ == EraPreference::automatic && prior_ && prior_->era == Era::legacy) {
        return EraStep::initialize;
    }
    if (prior_ && prior_->era == Era::modern && is_supported_modern(prior_->version)) version_ = prior_->version;
    return EraStep::discover;
}

EraStep EraDetector::fall_back(EraStep how) {
    if (preference_ == EraPreference::modern) {
        return fail(ErrorKind::no_common_version,
                    "the server does not speak " + version_ + ", and only the modern era was allowed");
    }
    if (how == EraStep::initialize_elsewhere) on_fresh_channel_ = true;
    return how;
}

EraStep EraDetector::choose_modern(const std::vector<std::string>& supported, bool& found) {
    // Our own order of preference decides, newest first.
    for (const std::string_view ours : supported_modern_versions) {
        if (std::ranges::find(supported, ours) != supported.end()) {
            version_ = ours;
            found = true;
            return EraStep::agreed_modern;
        }
    }
    return EraStep::failed;
}

EraStep EraDetector::on_discover_result(const std::optional<std::vector<std::string>>& supported) {
    if (!supported) return fall_back(EraStep::initialize);  // answers anything with `{}`: legacy
    bool found = false;
    choose_modern(*supported, found);
    if (found) return EraStep::agreed_modern;
    return fall_back(EraStep::initialize);
}

EraStep EraDetector::on_discover_error(int code, const std::vector<std::string>& supported) {
    if (code == rpc_code::header_mismatch || code == rpc_code::missing_client_capability) {
        return EraStep::failed;  // a modern server with a complaint of its own: surface that
    }
    if (code != rpc_code::unsupported_protocol_version) return fall_back(EraStep::initialize);
    bool found = false;
    choose_modern(supported, found);
    if (found) {
        if (std::exchange(corrected_, true)) {
            return fail(ErrorKind::no_common_version, "the server lists " + version_ + " as supported and refuses it");
        }
        return EraStep::discover;
    }
    if (any_modern(supported)) {
        return fail(ErrorKind::no_common_version, "the server speaks " + joined(supported) + "; we speak up to " +
                                                      std::string(latest_modern_version));
    }
    return fall_back(EraStep::initialize);
}

EraStep EraDetector::on_discover_silence(bool peer_gone) {
    if (preference_ == EraPreference::modern && peer_gone) return EraStep::failed;
    return fall_back(EraStep::initialize_elsewhere);
}

EraStep EraDetector::on_initialize_result(std::string_view version) {
    if (is_supported_legacy(version)) {
        version_ = version;
        return EraStep::agreed_legacy;
    }
    return fail(ErrorKind::no_common_version, "the server answered `initialize` with protocol version '" +
                                                  std::string(version.substr(0, 40)) +
                                                  "', which this client does not speak");
}

EraStep EraDetector::on_initialize_error(int code, const std::vector<std::string>& supported) {
    // A modern-only server says so here, some in words of their own: a remembered "legacy" was wrong then.
    const bool remembered = prior_ && prior_->era == Era::legacy;
    const bool modern_evidence = code == rpc_code::unsupported_protocol_version || remembered;
    if (modern_evidence && preference_ == EraPreference::automatic && !std::exchange(reprobed_, true)) {
        bool found = false;
        choose_modern(supported, found);
        return EraStep::discover;
    }
    return EraStep::failed;
}

EraStep EraDetector::fail(ErrorKind kind, std::string text) {
    error_.emplace(kind, std::move(text));
    error_->set_attempt_class(AttemptClass::fatal);
    error_->set_mend("use a server version that shares a protocol revision with this client");
    return EraStep::failed;
}

}  // namespace haive::mcp
