#include "connection/connection_client.hpp"

#include "connection/connection_core.hpp"

namespace haive::mcp {

namespace {
Error gone() { return Error(ErrorKind::shutdown, "the connection object was destroyed"); }

Task<Result<Reply>> refused() { co_return gone(); }
}  // namespace

Task<Result<Reply>> WeakCaller::call(Request request) {
    if (auto core = core_.lock()) return ConnectionCore::call_on(std::move(core), std::move(request));
    return refused();
}

ConnectionClient::ConnectionClient(std::shared_ptr<ClientContext> context, std::shared_ptr<Caller> caller,
                                   std::weak_ptr<ConnectionCore> core)
    : MCPClient(std::move(context), std::move(caller)), core_(std::move(core)) {}

std::shared_ptr<const SessionFacts> ConnectionClient::facts() const {
    auto core = core_.lock();
    return core ? core->facts() : nullptr;
}

bool ConnectionClient::is_connected() const noexcept {
    auto core = core_.lock();
    return core && core->status() == ConnectionStatus::connected;
}

Async<void> ConnectionClient::close() {
    auto core = core_.lock();
    Loop& loop = context_->runtime().loop();
    if (core) return start<void>(loop, detail::owned<void>(core, core->disconnect(nullptr)));
    auto done = []() -> Task<Result<void>> { co_return Result<void>(); };
    return start<void>(loop, done());
}

void ConnectionClient::set_roots(std::vector<ClientRoot> roots) {
    context_->set_roots(std::move(roots));
    context_->runtime().loop().dispatch([weak = core_] {
        auto core = weak.lock();
        if (core && core->session()) core->session()->notify("notifications/roots/list_changed", "");
    });
}

Task<Result<Duration>> ConnectionClient::probe(Duration limit) { return probe_of(core_, limit); }

Task<Result<Duration>> ConnectionClient::probe_of(std::weak_ptr<ConnectionCore> weak, Duration limit) {
    auto core = weak.lock();
    if (!core) co_return gone();
    auto round_trip = co_await core->probe(limit);
    co_return round_trip;
}

}  // namespace haive::mcp
