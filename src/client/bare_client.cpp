#include "client/bare_client.hpp"

#include <atomic>

namespace haive::mcp {

namespace {

class BareClient final : public MCPClient {
public:
    BareClient(std::shared_ptr<ClientContext> context, std::shared_ptr<ClientSession> session)
        : MCPClient(std::move(context), session), session_(std::move(session)), facts_(session_->facts()) {
        session_->on_lost = [alive = alive_](const ChannelEnd&) { alive->store(false); };
    }
    ~BareClient() override {
        alive_->store(false);
        Loop& loop = context_->runtime().loop();
        loop.post([session = std::move(session_), runtime = context_->shared_runtime()] {
            session->close(CloseMode::graceful, [] {});
        });
    }

    std::shared_ptr<const SessionFacts> facts() const override { return facts_; }
    bool is_connected() const noexcept override { return alive_->load(); }
    Async<void> close() override {
        alive_->store(false);
        return start<void>(context_->runtime().loop(), close_session(session_, CloseMode::graceful));
    }
    void set_roots(std::vector<ClientRoot> roots) override {
        context_->set_roots(std::move(roots));
        context_->runtime().loop().dispatch(
            [session = session_] { session->notify("notifications/roots/list_changed", ""); });
    }

private:
    Task<Result<Duration>> probe(Duration limit) override { return session_->probe(limit); }

    std::shared_ptr<ClientSession> session_;
    std::shared_ptr<const SessionFacts> facts_;
    std::shared_ptr<std::atomic<bool>> alive_ = std::make_shared<std::atomic<bool>>(true);
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
