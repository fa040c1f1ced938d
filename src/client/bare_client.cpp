#include "client/bare_client.hpp"

#include <atomic>

namespace haive::mcp {

namespace {

/// Whether the session may still be used; lives as long as the session may tell it something.
class Liveness final : public SessionObserver {
public:
    [[nodiscard]] bool alive() const noexcept { return alive_.load(); }
    void end() noexcept { alive_.store(false); }

private:
    void on_lost(std::uint64_t, const ChannelEnd&) override { end(); }
    void on_session_gone(std::uint64_t, const Error&) override {}
    void on_answer() override {}
    void on_oddity() override {}

    std::atomic<bool> alive_{true};
};

class BareClient final : public MCPClient {
public:
    BareClient(std::shared_ptr<ClientContext> context, std::shared_ptr<ClientSession> session)
        : MCPClient(std::move(context), session), session_(std::move(session)), facts_(session_->facts()) {
        session_->set_observer(liveness_.get());
    }
    ~BareClient() override {
        liveness_->end();
        Loop& loop = context_->runtime().loop();
        loop.post(
            [session = std::move(session_), liveness = std::move(liveness_), runtime = context_->shared_runtime()] {
                session->set_observer(nullptr);
                session->close(CloseMode::graceful, [] {});
            });
    }

    std::shared_ptr<const SessionFacts> facts() const override { return facts_; }
    bool is_connected() const noexcept override { return liveness_->alive(); }
    Async<void> close() override {
        liveness_->end();
        return start<void>(context_->runtime().loop(), close_session(session_, CloseMode::graceful));
    }
    void set_roots(std::vector<ClientRoot> roots) override {
        context_->set_roots(std::move(roots));
        context_->runtime().loop().dispatch(
            [session = session_] { session->notify("notifications/roots/list_changed", ""); });
    }

private:
    Task<Result<Duration>> probe(Duration limit) override {
        return detail::owned<Duration>(session_, session_->probe(limit));
    }

    std::shared_ptr<ClientSession> session_;
    std::shared_ptr<const SessionFacts> facts_;
    std::unique_ptr<Liveness> liveness_ = std::make_unique<Liveness>();
};

}  // namespace

Task<Result<std::shared_ptr<MCPClient>>> open_bare_client(std::shared_ptr<ClientContext> context,
                                                          std::shared_ptr<const MCPTransport> transport,
                                                          Seconds timeout) {
    const TimePoint deadline = saturating_add(context->runtime().loop().now(), to_duration(timeout));
    auto opening = std::make_shared<Opening>();
    auto opened = co_await establish(context, std::move(transport), 1, context->options().prior_era, deadline, opening);
    if (opened.has_error()) {
        auto failed = opening->session;
        if (failed) co_await close_session(std::move(failed), CloseMode::prompt);
        co_return opened.error();
    }
    std::shared_ptr<MCPClient> client = std::make_shared<BareClient>(std::move(context), opening->session);
    co_return client;
}

}  // namespace haive::mcp
