#include "manager/upstream_client.hpp"

#include "connection/connection_client.hpp"
#include "manager/upstream.hpp"

namespace haive::mcp {

namespace {

Error gone() { return Error(ErrorKind::shutdown, "the server is no longer one of the manager's"); }

/// Says who calls.
class AskingCaller final : public Caller {
public:
    AskingCaller(std::weak_ptr<Upstream> upstream, std::string asker, std::string affinity)
        : upstream_(std::move(upstream)), asker_(std::move(asker)), affinity_(std::move(affinity)) {}

    Task<Result<Reply>> call(Request request) override {
        auto upstream = upstream_.lock();
        if (!upstream) return refused();
        if (!asker_.empty()) request.asker = asker_;
        if (!affinity_.empty()) request.affinity = affinity_;
        return Upstream::call_on(std::move(upstream), std::move(request));
    }

private:
    static Task<Result<Reply>> refused() { co_return gone(); }

    std::weak_ptr<Upstream> upstream_;
    std::string asker_;
    std::string affinity_;
};

}  // namespace

UpstreamClient::UpstreamClient(std::weak_ptr<Upstream> upstream, std::shared_ptr<ClientContext> context,
                               std::string asker, std::string affinity)
    : MCPClient(std::move(context), std::make_shared<AskingCaller>(upstream, std::move(asker), std::move(affinity))),
      upstream_(std::move(upstream)) {}

std::shared_ptr<const SessionFacts> UpstreamClient::facts() const {
    auto upstream = upstream_.lock();
    return upstream ? upstream->core()->facts() : nullptr;
}

bool UpstreamClient::is_connected() const noexcept {
    auto upstream = upstream_.lock();
    return upstream && upstream->core()->status() == ConnectionStatus::connected;
}

Async<void> UpstreamClient::close() {
    auto done = []() -> Task<Result<void>> { co_return Result<void>(); };
    return start<void>(context_->runtime().loop(), done());
}

void UpstreamClient::set_roots(std::vector<ClientRoot> roots) {
    if (auto upstream = upstream_.lock()) upstream->core()->client()->set_roots(std::move(roots));
}

Task<Result<Duration>> UpstreamClient::probe(Duration limit) { return probe_of(upstream_, limit); }

Task<Result<Duration>> UpstreamClient::probe_of(std::weak_ptr<Upstream> weak, Duration limit) {
    auto upstream = weak.lock();
    if (!upstream) co_return gone();
    auto round_trip = co_await upstream->core()->reach(limit);
    co_return round_trip;
}

}  // namespace haive::mcp
