#include "client/session.hpp"

#include "client/call_wait.hpp"
#include "haive/mcp/protocol/methods.hpp"
#include "jsonrpc/json_slice_parser.hpp"

#include <boost/json/value.hpp>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr int total_over_idle = 10;

std::string operation_of(const Request& request) {
    return request.name.empty() ? request.method : request.method + ' ' + request.name;
}

/// Cancelling makes sense only for what the peer may be working on.
bool gave_up(const Error& error) {
    const bool ours = error.kind() == ErrorKind::cancelled || error.kind() == ErrorKind::idle_timeout ||
                      error.kind() == ErrorKind::deadline_exceeded;
    return ours && error.disposition() == Disposition::maybe_executed;
}

Duration checked(std::optional<Seconds> given, Duration fallback) { return given ? to_duration(*given) : fallback; }

}  // namespace

ClientSession::ClientSession(std::shared_ptr<ClientContext> context, std::unique_ptr<Channel> channel,
                             std::uint64_t generation)
    : context_(std::move(context)),
      channel_(std::move(channel)),
      loop_(context_->runtime().loop()),
      generation_(generation) {}

ClientSession::~ClientSession() = default;

void ClientSession::start() { channel_->start(*this); }

CallLimits ClientSession::limits_of(const CallOptions& options, TimePoint now) const {
    const Duration usual = to_duration(context_->options().request_timeout);
    CallLimits limits;
    limits.idle = checked(options.timeout, usual);
    const Duration ten_times =
        limits.idle > Duration::max() / total_over_idle ? Duration::max() : limits.idle * total_over_idle;
    limits.total = saturating_add(now, checked(options.max_total_timeout, ten_times));
    limits.reset_on_progress = options.reset_on_progress;
    return limits;
}

Task<Result<Reply>> ClientSession::call(Request request) {
    const CallLimits limits = limits_of(request.options, loop_.now());
    auto reply = co_await call_once(request, limits);
    co_return reply;
}

Task<Result<Reply>> ClientSession::call_once(const Request& request, CallLimits limits) {
    const TimePoint began = loop_.now();
    if (lost_ || closing_) {
        Error error(ErrorKind::not_connected, "the connection to the server is gone");
        co_return decorate(std::move(error), request, began);
    }
    if (!method_allowed(request.method, dialect_.era())) {
        Error error(ErrorKind::method_not_in_era,
                    "`" + request.method + "` does not exist in protocol version " + dialect_.version());
        co_return decorate(std::move(error), request, began);
    }
    if (limits.idle <= Duration::zero() || limits.total <= began) {
        Error error(ErrorKind::deadline_exceeded, "the call's time was over before it was sent");
        co_return decorate(std::move(error), request, began);
    }
    const bool wants_progress = request.method == "tools/call" || request.options.on_progress;
    auto result = co_await raw_call(request, limits, wants_progress, Whose::users);
    if (result.has_error()) co_return decorate(result.error(), request, began);
    if (observer_ != nullptr) observer_->on_answer();
    Reply reply;
    reply.result = std::move(*result);
    reply.elapsed = loop_.now() - began;
    reply.generation = generation_;
    reply.era = dialect_.era();
    co_return reply;
}

/// One exchange in the present dialect. An answer to it proves life, be it an error.
Task<Result<RawJson>> ClientSession::raw_call(const Request& request, CallLimits limits, bool progress_token,
                                              Whose whose) {
    auto keep = shared_from_this();
    const std::uint64_t id = next_id_++;
    Outbound out;
    out.id = id;
    const auto& level = context_->wishes().log_level;
    out.frame = dialect_.request(id, request, progress_token, level ? to_string(*level) : std::string_view());
    out.method = request.method;
    out.name = request.name;
    out.protocol_version = dialect_.version();
    out.harmless_twice = request.harmless_twice || whose == Whose::own;
    if (dialect_.era() == Era::modern && channel_->carries_headers()) out.parameter_headers = header_lines_of(request);

    CallWait wait(loop_, *channel_, id, limits, request);
    if (whose == Whose::users) {
        in_flight_.push_back(wait);
        ++in_flight_count_;
    }
    wait.send(std::move(out));
    auto result = co_await wait;
    if (whose == Whose::users) {
        wait.unlink();
        --in_flight_count_;
    }
    if (result.has_error()) {
        const Error error = result.error();
        if (error.kind() == ErrorKind::rpc_error && observer_ != nullptr) observer_->on_answer();
        if (gave_up(error) && request.method != "initialize" && !lost_ && !closing_) {
            Outbound notice;
            notice.frame = dialect_.cancelled(id, error.message());
            notice.method = "notifications/cancelled";
            notice.protocol_version = dialect_.version();
            channel_->send(std::move(notice));
        }
    }
    co_return result;
}

/// The arguments that travel beside the message as headers.
std::string ClientSession::header_lines_of(const Request& request) const {
    if (request.method != "tools/call") return {};
    const ToolFacts* facts = context_->tools().find(request.name);
    if (facts == nullptr || facts->headers.empty()) return {};
    const auto params = parse_json(request.params);
    const json::object* object = params ? params->if_object() : nullptr;
    const auto* arguments = object != nullptr ? object->if_contains("arguments") : nullptr;
    if (arguments == nullptr || !arguments->is_object()) return {};
    return parameter_header_lines(facts->headers, arguments->as_object());
}

Error ClientSession::decorate(Error error, const Request& request, TimePoint began) const {
    auto& details = error.edit();
    details.server = context_->server();
    details.operation = operation_of(request);
    details.elapsed = loop_.now() - began;
    return error;
}

Task<Result<Duration>> ClientSession::probe(Duration limit) {
    const TimePoint began = loop_.now();
    Request request;
    request.method = dialect_.era() == Era::legacy ? "ping" : "server/discover";
    CallLimits limits;
    limits.total = saturating_add(began, limit);
    auto keep = shared_from_this();
    auto result = co_await raw_call(request, limits, false, Whose::own);
    if (result.has_error() && result.error().kind() != ErrorKind::rpc_error) {
        co_return decorate(result.error(), request, began);
    }
    co_return loop_.now() - began;
}

void ClientSession::notify(std::string_view method, std::string_view params) {
    if (lost_ || closing_ || !method_allowed(method, dialect_.era())) return;
    std::string text = R"({"jsonrpc":"2.0","method":")" + std::string(method) + '"';
    if (!params.empty()) {
        text += ",\"params\":";
        text += params;
    }
    Outbound out;
    out.frame = text + '}';
    out.method = method;
    out.protocol_version = dialect_.version();
    channel_->send(std::move(out));
}

void ClientSession::close(CloseMode mode, UniqueFunction<void()> done) {
    closing_ = true;
    auto keep = shared_from_this();
    channel_->close(mode, [keep, done = std::move(done)]() mutable { done(); });
}

void ClientSession::on_channel_lost(const ChannelEnd& end) {
    if (!std::exchange(lost_, true) && observer_ != nullptr) observer_->on_lost(generation_, end);
}

void ClientSession::on_session_lost(const Error& why) {
    if (!closing_ && observer_ != nullptr) observer_->on_session_gone(generation_, why);
}

/// Nobody says what was missed, so everything is taken to have changed, and those who listen are told so.
void ClientSession::on_notifications_missed() { announce_gap(context_->wishes().resources); }

void ClientSession::announce_gap(const std::set<std::string, std::less<>>& resources) {
    for (const std::string_view what : {"tools", "prompts", "resources"}) {
        on_catalogue_change(what);
        context_->notify("notifications/" + std::string(what) + "/list_changed", "{}");
    }
    for (const std::string& uri : resources) {
        std::string params = "{\"uri\":";
        append_json_string(params, uri);
        context_->notify("notifications/resources/updated", params + '}');
    }
}

void ClientSession::on_channel_note(std::string_view kind, std::string_view text) {
    context_->report_oddity(kind, std::string(text));
    if (observer_ != nullptr) observer_->on_oddity();
}

}  // namespace haive::mcp
