// Finding the era and introducing the client (MCP *Lifecycle*, *Versioning and Compatibility*).
#include "client/session.hpp"
#include "haive/mcp/protocol/error_codes.hpp"
#include "haive/mcp/protocol/lifecycle.hpp"

#include <boost/json/value.hpp>

#include <algorithm>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration longest_probe = 2s;
constexpr Duration life_check = 20ms;

/// `data.supported` of an unsupported-version error.
std::vector<std::string> supported_in(const Error& error) {
    std::vector<std::string> versions;
    auto data = parse_json(error.details().rpc_data);
    const json::object* object = data ? data->if_object() : nullptr;
    const auto* list = object != nullptr ? object->if_contains("supported") : nullptr;
    if (list == nullptr || !list->is_array()) return versions;
    for (const auto& item : list->as_array()) {
        if (item.is_string() && versions.size() < 64) versions.emplace_back(item.as_string());
    }
    return versions;
}

/// HTTP: an answer that is no JSON-RPC. Old servers refuse what they do not know in many ways, so a definite
/// 4xx means "legacy", and so does a success without sense: `initialize` will tell. Not so what says nothing
/// about the era: no right to ask, too often, a server in trouble (*Versioning and Compatibility*, HTTP).
bool refused_by_http(const Error& error) {
    if (error.kind() == ErrorKind::protocol_violation && error.disposition() == Disposition::executed) return true;
    const int status = error.details().http_status.value_or(0);
    const bool undecided = status == 401 || status == 403 || status == 408 || status == 425 || status == 429;
    return status >= 400 && status < 500 && !undecided;
}

/// The probe's clock: it starts when the server first shows life, so a slow start is not taken for
/// silence (a cold `npx` needs many seconds), and then cuts the probe short.
class ProbeClock {
public:
    ProbeClock(Loop& loop, const Channel& channel, Duration limit, CancelSlot& cut)
        : loop_(loop), channel_(channel), limit_(limit), cut_(cut), timer_(loop, [this] { tick(); }) {
        timer_.arm(loop.now());
    }

private:
    void tick() {
        if (alive_) {
            cut_.request();
        } else if (channel_.evidence().peer_showed_life) {
            alive_ = true;
            timer_.arm(saturating_add(loop_.now(), limit_));
        } else {
            timer_.arm(saturating_add(loop_.now(), life_check));
        }
    }

    Loop& loop_;
    const Channel& channel_;
    Duration limit_;
    CancelSlot& cut_;
    bool alive_ = false;
    Timer timer_;
};

}  // namespace

Task<Result<RawJson>> ClientSession::discover(std::string version, Duration limit, TimePoint deadline) {
    dialect_ = Dialect::modern(std::move(version), context_->capabilities(), context_->client_info());
    Request request;
    request.method = "server/discover";
    request.cancel = std::make_shared<CancelSlot>();
    CallLimits limits;
    limits.total = deadline;
    ProbeClock clock(loop_, *channel_, limit, *request.cancel);
    const TimePoint began = loop_.now();
    auto result = co_await raw_call(request, limits, false, Whose::own);
    if (result.has_error()) co_return decorate(result.error(), request, began);
    co_return result;
}

Task<Result<RawJson>> ClientSession::initialize(TimePoint deadline) {
    dialect_ = Dialect::bare();
    Request request;
    request.method = "initialize";
    request.params = R"({"protocolVersion":")" + std::string(latest_legacy_version) + R"(","capabilities":)" +
                     context_->capabilities() + R"(,"clientInfo":)" + context_->client_info() + '}';
    CallLimits limits;
    limits.total = deadline;
    const TimePoint began = loop_.now();
    auto result = co_await raw_call(request, limits, false, Whose::own);
    if (result.has_error()) co_return decorate(result.error(), request, began);
    co_return result;
}

Task<Result<ClientSession::Handshake>> ClientSession::handshake(EraDetector& detector, TimePoint deadline) {
    auto keep = shared_from_this();
    Duration probe_limit = to_duration(context_->options().probe_timeout);
    if (probe_limit <= 0ns) probe_limit = std::min(longest_probe, (deadline - loop_.now()) / 4);

    Error last(ErrorKind::protocol_violation, "the handshake failed", Disposition::executed);
    EraStep step = detector.begin();
    for (;;) {
        if (step == EraStep::discover) {
            auto answer = co_await discover(detector.version(), probe_limit, deadline);
            if (answer) {
                auto discovered = parse_discover_result(answer->text());
                std::optional<std::vector<std::string>> supported;
                if (discovered) supported = discovered->supported_versions;
                step = detector.on_discover_result(supported);
                if (step == EraStep::agreed_modern) adopt_modern(detector, *answer);
                continue;
            }
            last = answer.error();
            if (last.kind() == ErrorKind::rpc_error) {
                step = detector.on_discover_error(last.details().rpc_code.value_or(0), supported_in(last));
                continue;
            }
            if (refused_by_http(last)) {
                step = detector.on_discover_error(0, {});
                continue;
            }
            // Died or fell silent. Only a server that read the probe can have been upset by it.
            const bool reacted = channel_->evidence().peer_showed_life && !closing_;
            const bool silent = last.kind() == ErrorKind::cancelled;
            if (!reacted || (!silent && !lost_)) co_return last;
            step = detector.on_discover_silence(lost_);
        } else if (step == EraStep::initialize) {
            auto answer = co_await initialize(deadline);
            if (answer) {
                auto initialized = parse_initialize_result(answer->text());
                if (initialized.has_error()) co_return initialized.error();
                step = detector.on_initialize_result(initialized->protocol_version);
                if (step == EraStep::agreed_legacy) adopt_legacy(detector, *answer);
                continue;
            }
            last = answer.error();
            if (last.kind() != ErrorKind::rpc_error) co_return last;
            step = detector.on_initialize_error(last.details().rpc_code.value_or(0), supported_in(last));
        } else if (step == EraStep::initialize_elsewhere) {
            co_return Handshake::wants_fresh_channel;
        } else if (step == EraStep::failed) {
            if (!detector.error()) co_return last;
            Error error = *detector.error();
            error.edit().server = context_->server();
            error.edit().operation = last.details().operation;
            error.edit().peer_text = last.details().peer_text;
            co_return error;
        } else {
            co_return Handshake::agreed;
        }
    }
}

Task<Result<void>> ClientSession::renew(TimePoint deadline) {
    auto keep = shared_from_this();
    EraDetector detector(context_->options().era, PriorEra(dialect_.era(), dialect_.version()));
    auto outcome = co_await handshake(detector, deadline);
    if (outcome.has_error()) co_return outcome.error();
    if (*outcome == Handshake::agreed) co_return Result<void>();
    co_return Error(ErrorKind::session_lost, "the server forgot the session and does not take a new one");
}

void ClientSession::adopt_modern(const EraDetector& detector, const RawJson& discovered) {
    dialect_ = Dialect::modern(detector.version(), context_->capabilities(), context_->client_info());
    auto facts = std::make_shared<SessionFacts>();
    facts->era = Era::modern;
    facts->protocol_version = detector.version();
    facts->generation = generation_;
    facts->carries_headers = channel_->carries_headers();
    if (auto result = parse_discover_result(discovered.text())) {
        facts->server_info = result->server_info;
        facts->capabilities = result->capabilities;
        facts->instructions = result->instructions;
    }
    facts_ = std::move(facts);
    restore_standing();
}

void ClientSession::adopt_legacy(const EraDetector& detector, const RawJson& initialized) {
    dialect_ = Dialect::legacy(detector.version());
    auto facts = std::make_shared<SessionFacts>();
    facts->era = Era::legacy;
    facts->protocol_version = detector.version();
    facts->generation = generation_;
    if (auto result = parse_initialize_result(initialized.text())) {
        facts->server_info = result->server_info;
        facts->capabilities = result->capabilities;
        facts->instructions = result->instructions;
    }
    facts_ = std::move(facts);
    notify("notifications/initialized", "");
    restore_standing();
}

}  // namespace haive::mcp
