#include "warm_operation.hpp"

#include "http_server_process.hpp"

#include <haive/mcp/client.hpp>
#include <haive/mcp/manager/manager.hpp>
#include <haive/mcp/pool/pool.hpp>

#include <algorithm>
#include <cstdlib>

namespace haive::bench {

using namespace haive::mcp;

namespace {

constexpr std::size_t text_size = 100;
constexpr int calls_to_warm_up = 300;

/// Calls `echo` again and again with 100 bytes that differ, and reads the text that comes back.
Task<void> call_echo(std::shared_ptr<MCPClient> client, int times, const std::function<void()>& between) {
    between();
    for (int i = 0; i < times; ++i) {
        std::string arguments = "{\"text\":\"" + std::string(text_size, static_cast<char>('a' + i % 26)) + "\"}";
        auto call = client->call_tool("echo", RawJson(std::move(arguments)));
        const auto result = co_await call;
        if (result.is_error || result.text().size() != text_size) std::abort();
        between();
    }
}

/// Calls over `Link`, which is how one gets a client: a bare one, a connection, a pool, a manager.
template <class Link>
class EchoCalls final : public WarmOperation {
public:
    EchoCalls(const MCPTransport& transport, EraPreference era) : link_(*runtime_, transport, era) {
        repeat(calls_to_warm_up, [] {});
    }
    ~EchoCalls() override { link_.close(*runtime_); }
    void repeat(int times, const std::function<void()>& between) override {
        runtime_->run(call_echo(link_.client(), times, between));
    }

private:
    std::shared_ptr<Runtime> runtime_ = Runtime::manual();
    Link link_;
};

ConnectionOptions connection_options(Runtime& runtime, EraPreference era) {
    ConnectionOptions options;
    options.client.era = era;
    options.runtime = runtime.shared_from_this();
    return options;
}

class BareLink {
public:
    BareLink(Runtime& runtime, const MCPTransport& transport, EraPreference era) {
        ClientOptions options;
        options.era = era;
        client_ = runtime.run(MCPClient::open(transport, options, Seconds(30), runtime.shared_from_this()));
    }
    void close(Runtime& runtime) { runtime.run(client_->close()); }
    [[nodiscard]] const std::shared_ptr<MCPClient>& client() const noexcept { return client_; }

private:
    std::shared_ptr<MCPClient> client_;
};

class ConnectionLink {
public:
    ConnectionLink(Runtime& runtime, const MCPTransport& transport, EraPreference era)
        : connection_("echo", transport, connection_options(runtime, era)) {
        client_ = runtime.run(connection_.connect());
        runtime.run(connection_.start_monitoring());
    }
    void close(Runtime& runtime) { runtime.run(connection_.disconnect()); }
    [[nodiscard]] const std::shared_ptr<MCPClient>& client() const noexcept { return client_; }
    [[nodiscard]] const MCPConnection& connection() const noexcept { return connection_; }

private:
    MCPConnection connection_;
    std::shared_ptr<MCPClient> client_;
};

class PoolLink {
public:
    PoolLink(Runtime& runtime, const MCPTransport& transport, EraPreference era)
        : pool_("echo", transport, PoolOptions{.mode = PoolMode::shared}, connection_options(runtime, era)),
          client_(pool_.client()) {}
    void close(Runtime& runtime) { runtime.run(pool_.close()); }
    [[nodiscard]] const std::shared_ptr<MCPClient>& client() const noexcept { return client_; }

private:
    MCPPool pool_;
    std::shared_ptr<MCPClient> client_;
};

/// A manager of one server, behind which stands a pool: all guards before each call.
class ManagerLink {
public:
    ManagerLink(Runtime& runtime, const MCPTransport& transport, EraPreference era)
        : manager_(ManagerOptions{.runtime = runtime.shared_from_this()}) {
        UpstreamConfig server;
        server.name = "echo";
        server.transport = transport.clone();
        server.connection = connection_options(runtime, era);
        server.pool = PoolOptions{.mode = PoolMode::shared};
        runtime.run(manager_.add(std::move(server)));
        runtime.run(manager_.start_all());
        client_ = manager_.client("echo");
    }
    void close(Runtime& runtime) { runtime.run(manager_.close()); }
    [[nodiscard]] const std::shared_ptr<MCPClient>& client() const noexcept { return client_; }

private:
    MCPManager manager_;
    std::shared_ptr<MCPClient> client_;
};

/// `is_healthy()` of a connection that has just had calls.
class ScoreReads final : public WarmOperation {
public:
    explicit ScoreReads(const MCPTransport& transport) : link_(*runtime_, transport, EraPreference::legacy) {
        runtime_->run(call_echo(link_.client(), calls_to_warm_up, [] {}));
    }
    ~ScoreReads() override { link_.close(*runtime_); }
    void repeat(int times, const std::function<void()>& between) override {
        between();
        for (int i = 0; i < times; ++i) {
            if (!link_.connection().is_healthy()) std::abort();
            between();
        }
    }

private:
    std::shared_ptr<Runtime> runtime_ = Runtime::manual();
    ConnectionLink link_;
};

StdioTransport child(const std::string& echo_server) { return StdioTransport(echo_server, {"stdio"}); }

template <class Link>
std::unique_ptr<WarmOperation> over_stdio(const std::string& echo_server) {
    return std::make_unique<EchoCalls<Link>>(child(echo_server), EraPreference::legacy);
}

/// The server's process, and behind it the calls: they end first.
template <class Link>
class HttpCalls final : public WarmOperation {
public:
    HttpCalls(const std::string& echo_server, EraPreference era)
        : server_(echo_server), calls_(transport_to(server_), era) {}
    void repeat(int times, const std::function<void()>& between) override { calls_.repeat(times, between); }

private:
    static HttpTransport transport_to(const HttpServerProcess& server) {
        HttpOptions options;
        options.event_stream = false;
        return HttpTransport(server.url(), options);
    }
    HttpServerProcess server_;
    EchoCalls<Link> calls_;
};

template <class Link, EraPreference Era>
std::unique_ptr<WarmOperation> over_http(const std::string& echo_server) {
    return std::make_unique<HttpCalls<Link>>(echo_server, Era);
}

std::unique_ptr<WarmOperation> score_read(const std::string& echo_server) {
    return std::make_unique<ScoreReads>(child(echo_server));
}

constexpr EraPreference legacy = EraPreference::legacy;
constexpr EraPreference modern = EraPreference::modern;

constexpr OperationKind kinds[] = {
    {"stdio.client", "call_tool of a bare client over a child's pipes", over_stdio<BareLink>},
    {"stdio.connection", "the same through a monitored connection", over_stdio<ConnectionLink>},
    {"stdio.pool", "the same through a pool", over_stdio<PoolLink>},
    {"stdio.manager", "the same through a manager whose server has a pool", over_stdio<ManagerLink>},
    {"http.client", "call_tool of a bare client over HTTP on loopback", over_http<BareLink, legacy>},
    {"http.connection", "the same through a monitored connection", over_http<ConnectionLink, legacy>},
    {"http.pool", "the same through a pool", over_http<PoolLink, legacy>},
    {"http.manager", "the same through a manager whose server has a pool", over_http<ManagerLink, legacy>},
    {"http-modern.connection", "the same in the modern era, through a connection", over_http<ConnectionLink, modern>},
    {"score.read", "is_healthy() of a connection", score_read},
};

}  // namespace

std::span<const OperationKind> operation_kinds() noexcept { return kinds; }

const OperationKind* find_operation(std::string_view name) noexcept {
    const auto* found = std::ranges::find(kinds, name, &OperationKind::name);
    return found == std::end(kinds) ? nullptr : found;
}

}  // namespace haive::bench
