#include "haive/mcp/connection/connection.hpp"

#include "connection/connection_client.hpp"
#include "connection/connection_core.hpp"
#include "connection/describe.hpp"
#include "connection/options_check.hpp"
#include "haive/mcp/base/exceptions.hpp"

#include <stdexcept>

namespace haive::mcp {

namespace {

std::shared_ptr<ConnectionCore> make_core(std::string name, std::shared_ptr<MCPTransport> transport,
                                          ConnectionOptions options) {
    if (name.empty()) throw std::invalid_argument("haive::mcp: a connection needs a name");
    if (!transport) throw std::invalid_argument("haive::mcp: a connection needs a transport");
    auto core = std::make_shared<ConnectionCore>(std::move(name), std::move(transport), std::move(options));
    core->adopt_client();
    return core;
}

using ClientPtr = std::shared_ptr<MCPClient>;

Task<Result<ClientPtr>> connected_client(std::shared_ptr<ConnectionCore> core, Task<Result<void>> operation) {
    auto done = co_await operation;
    if (done.has_error()) co_return done.error();
    co_return ClientPtr(core->client());
}

Task<Result<ClientPtr>> reconnected_client(std::shared_ptr<ConnectionCore> core, std::shared_ptr<CancelSlot> cancel) {
    auto connected = co_await core->reconnect(std::move(cancel));
    if (!connected || !*connected) co_return ClientPtr();
    co_return ClientPtr(core->client());
}

/// Starts an operation whose handle can cancel its waiting.
template <class T, class Operation>
Async<T> begin(const std::shared_ptr<ConnectionCore>& core, Operation operation) {
    auto slot = std::make_shared<CancelSlot>();
    Loop& loop = core->runtime().loop();
    auto state = std::make_shared<detail::AsyncState<T>>(&loop);
    state->on_cancel = [slot] { slot->request(); };
    loop.dispatch([task = detail::owned<T>(core, operation(slot)), state]() mutable {
        detail::run_into<T>(std::move(task), std::move(state));
    });
    return Async<T>(std::move(state));
}

Task<Result<void>> monitoring(std::shared_ptr<ConnectionCore> core, bool on) {
    if (on) {
        core->start_monitoring();
    } else {
        core->stop_monitoring();
    }
    co_return Result<void>();
}

}  // namespace

MCPConnection::MCPConnection(std::string name, const MCPTransport& transport)
    : MCPConnection(std::move(name), transport.clone(), ConnectionOptions()) {}

MCPConnection::MCPConnection(std::string name, const MCPTransport& transport, ConnectionOptions options)
    : MCPConnection(std::move(name), transport.clone(), std::move(options)) {}

MCPConnection::MCPConnection(std::string name, std::shared_ptr<MCPTransport> transport, ConnectionOptions options)
    : core_(make_core(std::move(name), std::move(transport), std::move(options))) {}

MCPConnection::MCPConnection(MCPConnection&&) noexcept = default;

MCPConnection& MCPConnection::operator=(MCPConnection&& other) noexcept {
    std::swap(core_, other.core_);
    return *this;
}

MCPConnection::~MCPConnection() {
    if (!core_) return;
    core_->context()->set_event_listener(nullptr);
    Loop& loop = core_->runtime().loop();
    // The closing keeps the runtime alive until the transport is gone.
    loop.dispatch([core = std::move(core_)] { core->abandon(); });
}

Async<ClientPtr> MCPConnection::connect(std::optional<Seconds> timeout) {
    if (timeout) check_time(*timeout, "connect timeout");
    const Duration limit = timeout ? to_duration(*timeout) : core_->settings().connection_timeout;
    return begin<ClientPtr>(core_, [&](auto cancel) { return connected_client(core_, core_->connect(limit, cancel)); });
}

Async<void> MCPConnection::disconnect() {
    return begin<void>(core_, [&](auto cancel) { return core_->disconnect(cancel); });
}

ClientPtr MCPConnection::get_client() const {
    if (core_->status() == ConnectionStatus::connected) return core_->client();
    throw_error(not_connected_error(core_->record(), core_->name(), core_->runtime().loop().now()));
}

Async<ClientPtr> MCPConnection::reconnect() {
    return begin<ClientPtr>(core_, [&](auto cancel) { return reconnected_client(core_, cancel); });
}

Async<json::object> MCPConnection::health_check() {
    return begin<json::object>(core_, [&](auto cancel) { return core_->health_check(cancel); });
}

Async<void> MCPConnection::start_monitoring() { return start<void>(core_->runtime().loop(), monitoring(core_, true)); }

Async<void> MCPConnection::stop_monitoring() { return start<void>(core_->runtime().loop(), monitoring(core_, false)); }

Async<ClientPtr> MCPConnection::wait_until_connected(Seconds timeout) {
    check_time(timeout, "wait_until_connected timeout");
    return begin<ClientPtr>(core_, [&](auto cancel) {
        return connected_client(core_, core_->wait_until_connected(to_duration(timeout), cancel));
    });
}

bool MCPConnection::is_connected() const noexcept { return core_->status() == ConnectionStatus::connected; }

bool MCPConnection::is_healthy(double threshold) const {
    if (!(threshold >= 0 && threshold <= 1)) {
        throw std::invalid_argument("haive::mcp: is_healthy threshold must be within 0 and 1");
    }
    return is_connected() && core_->is_healthy(threshold);
}

ConnectionStatus MCPConnection::status() const noexcept { return core_->status(); }

HealthReport MCPConnection::health() const noexcept { return core_->health(); }

const std::string& MCPConnection::name() const noexcept { return core_->name(); }

ConnectionInfo MCPConnection::get_info() const {
    const ConnectionRecord record = core_->record();
    ConnectionInfo info =
        describe_info(record, core_->health(), core_->name(), *core_->transport(), core_->runtime().loop().now());
    info.transport = core_->transport();
    if (info.status == ConnectionStatus::connected) info.client = core_->client();
    return info;
}

Explanation MCPConnection::explain() const {
    return describe_state(core_->record(), core_->health(), core_->name(), *core_->transport(),
                          core_->runtime().loop().now());
}

std::optional<PriorEra> MCPConnection::prior_era() const { return core_->record().prior_era; }

void MCPConnection::set_event_listener(std::function<void(const Event&)> listener) {
    core_->context()->set_event_listener(std::move(listener));
}

}  // namespace haive::mcp
