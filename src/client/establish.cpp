#include "client/establish.hpp"

namespace haive::mcp {

namespace {

/// Suspends until `close` has finished.
class ClosedAwaiter {
public:
    ClosedAwaiter(ClientSession& session, CloseMode mode) : session_(session), mode_(mode) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
        session_.close(mode_, [waiter] { waiter.resume(); });
    }
    void await_resume() const noexcept {}

private:
    ClientSession& session_;
    CloseMode mode_;
};

Error aborted_error(const ClientContext& context) {
    Error error(ErrorKind::shutdown, "the connection was closed while it was being opened");
    error.edit().server = context.server();
    error.edit().operation = "connect";
    return error;
}

/// What an attempt's failure looks like with all that the channel knows.
Error with_evidence(Error error, const ClientContext& context, const MCPTransport& transport,
                    const ClientSession* session) {
    auto& details = error.edit();
    details.server = context.server();
    details.of_attempt = true;
    const std::string tried = "connect to " + transport.describe();
    details.operation = details.operation.empty() ? tried : tried + ": " + details.operation;
    if (session == nullptr) return error;
    const ChannelEvidence evidence = session->channel().evidence();
    if (details.stderr_tail.empty()) details.stderr_tail = evidence.stderr_tail;
    if (evidence.junk_lines > 0) {
        details.message += "; it printed " + std::to_string(evidence.junk_lines) +
                           " lines on stdout that are no messages, first: '" + evidence.first_junk_line + "'";
        if (details.mend.empty()) details.mend = "stdout belongs to the protocol: let the server log to stderr";
    } else if (error.kind() == ErrorKind::deadline_exceeded && !evidence.peer_showed_life) {
        details.message += "; it has not read its input yet";
        if (details.mend.empty()) {
            details.mend = "a first start may download packages: raise connection_timeout, or start the "
                           "command once by hand";
        }
    }
    return error;
}

}  // namespace

void Opening::abort() {
    aborted = true;
    if (session) session->close(CloseMode::prompt, [] {});
}

Task<Result<void>> close_session(std::shared_ptr<ClientSession> session, CloseMode mode) {
    ClosedAwaiter closed(*session, mode);
    co_await closed;
    co_return Result<void>();
}

Task<Result<void>> establish(std::shared_ptr<ClientContext> context, std::shared_ptr<const MCPTransport> transport,
                             std::uint64_t generation, std::optional<PriorEra> prior, TimePoint deadline,
                             std::shared_ptr<Opening> opening) {
    EraDetector detector(context->options().era, std::move(prior));
    for (;;) {
        auto channel = co_await transport->open(context->runtime(), deadline);
        if (channel.has_error()) co_return with_evidence(channel.error(), *context, *transport, nullptr);
        auto session = std::make_shared<ClientSession>(context, std::move(*channel), generation);
        opening->session = session;
        session->start();
        if (opening->aborted) co_return aborted_error(*context);
        if (opening->on_opened) opening->on_opened();

        auto outcome = co_await session->handshake(detector, deadline);
        if (opening->aborted) co_return aborted_error(*context);
        if (outcome.has_error()) co_return with_evidence(outcome.error(), *context, *transport, session.get());
        if (*outcome == ClientSession::Handshake::agreed) co_return Result<void>();

        co_await close_session(session, CloseMode::prompt);
        opening->session.reset();
        if (opening->aborted) co_return aborted_error(*context);
    }
}

}  // namespace haive::mcp
