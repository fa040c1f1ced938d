#include "haive/mcp/manager/manager.hpp"

#include "manager/manager_core.hpp"
#include "manager/upstream_client.hpp"
#include "manager/upstream_options_check.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace haive::mcp {

namespace {

void check(bool fine, const char* what) {
    if (!fine) throw std::invalid_argument(std::string("haive::mcp: ManagerOptions::") + what);
}

std::shared_ptr<ManagerCore> make_core(ManagerOptions o) {
    check(o.opens_per_second > 0 && std::isfinite(o.opens_per_second), "opens_per_second must be above 0");
    check(o.open_burst >= 1 && std::isfinite(o.open_burst), "open_burst must be at least 1");
    check(o.processes_at_once >= 0, "processes_at_once must not be negative");
    check(o.processes_per_second > 0 && std::isfinite(o.processes_per_second), "processes_per_second must be above 0");
    check(o.network_opens_at_once > 0, "network_opens_at_once must be above 0");
    check(o.opens_per_origin > 0, "opens_per_origin must be above 0");
    check(o.drain_timeout.count() >= 0, "drain_timeout must not be negative");
    return std::make_shared<ManagerCore>(std::move(o));
}

/// Starts an operation of the core on its loop.
template <class T>
Async<T> begin(const std::shared_ptr<ManagerCore>& core, Task<Result<T>> work) {
    return start<T>(core->runtime().loop(), detail::owned<T>(core, std::move(work)));
}

template <class T>
Async<T> failed(ManagerCore& core, Error error) {
    auto work = [](Error why) -> Task<Result<T>> { co_return why; };
    return start<T>(core.runtime().loop(), work(std::move(error)));
}

const std::string& own_name(const Tool& tool) { return tool.name; }
const std::string& own_name(const Prompt& prompt) { return prompt.name; }
const std::string& own_name(const Resource& resource) { return resource.uri; }

/// Levenshtein's distance, for "did you mean"; far for what is long.
std::size_t distance(std::string_view a, std::string_view b) {
    constexpr std::size_t longest = 100;
    if (a.size() > longest || b.size() > longest) return longest;
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

/// Nobody offers it: says what comes near, and whose lists are not known yet.
template <class Item>
Error unknown_name(const char* what, std::string_view name, const std::vector<Offered<Item>>& all,
                   const Catalogue& catalogue) {
    Error error(ErrorKind::capability_missing,
                "no server offers a " + std::string(what) + " '" + std::string(name.substr(0, 200)) + "'");
    auto& details = error.edit();
    details.operation = std::string(what) + ' ' + std::string(name.substr(0, 200));
    // Names that several servers share go by `server__name`: what was meant may be a server's own name.
    std::vector<std::pair<std::size_t, std::string_view>> near;
    for (const auto& each : all) {
        const std::size_t far = std::min(distance(name, each.name), distance(name, own_name(*each.item)));
        if (far <= std::max<std::size_t>(2, name.size() / 3)) near.emplace_back(far, each.name);
    }
    std::ranges::sort(near);
    for (std::size_t i = 0; i < std::min<std::size_t>(near.size(), 3); ++i) {
        details.mend += i == 0 ? "did you mean " : ", ";
        details.mend += near[i].second;
    }
    std::string unlisted;
    for (const auto& share : catalogue.shares) {
        if (share.freshness == Freshness::unknown) unlisted += (unlisted.empty() ? "" : ", ") + share.server;
    }
    if (!unlisted.empty()) details.message += "; not listed yet: " + unlisted.substr(0, 300);
    return error;
}

}  // namespace

MCPManager::MCPManager(ManagerOptions options) : core_(make_core(std::move(options))) {}
MCPManager::MCPManager(MCPManager&&) noexcept = default;
MCPManager& MCPManager::operator=(MCPManager&& other) noexcept {
    std::swap(core_, other.core_);
    return *this;
}

MCPManager::~MCPManager() {
    if (!core_) return;
    core_->set_listener(nullptr);
    core_->set_event_listener(nullptr);
    Loop& loop = core_->runtime().loop();
    loop.dispatch([core = std::move(core_)] { core->abandon(); });
}

Async<ApplyReport> MCPManager::apply(std::vector<UpstreamConfig> servers) {
    std::set<std::string> names;
    for (UpstreamConfig& each : servers) {
        each = checked(std::move(each));
        if (!names.insert(each.name).second) {
            throw std::invalid_argument("haive::mcp: two servers have the name '" + each.name + "'");
        }
    }
    return begin(core_, core_->apply(std::move(servers)));
}

Async<void> MCPManager::add(UpstreamConfig server) { return begin(core_, core_->add(checked(std::move(server)))); }

Async<bool> MCPManager::remove(std::string name) { return begin(core_, core_->remove(std::move(name))); }

Async<StartReport> MCPManager::start_all(Seconds deadline) {
    check(deadline.count() >= 0, "start_all: the deadline must not be negative");
    return begin(core_, core_->start_all(to_duration(deadline)));
}

Async<StartResult> MCPManager::start(std::string name, Seconds deadline) {
    check(deadline.count() >= 0, "start: the deadline must not be negative");
    return begin(core_, core_->start_one(std::move(name), to_duration(deadline)));
}

Async<bool> MCPManager::reconnect(std::string name) { return begin(core_, core_->reconnect(std::move(name))); }

Async<void> MCPManager::close(Seconds limit) {
    check(limit.count() >= 0, "close: the limit must not be negative");
    return begin(core_, core_->close(to_duration(limit)));
}

std::shared_ptr<const Catalogue> MCPManager::catalogue() const { return core_->catalogue(); }

void MCPManager::set_catalogue_listener(std::function<void(const Catalogue&, const CatalogueDiff&)> listener) {
    core_->set_listener(std::move(listener));
}

void MCPManager::set_event_listener(std::function<void(const Event&)> listener) {
    core_->set_event_listener(std::move(listener));
}

std::shared_ptr<MCPClient> MCPManager::client(std::string_view name, std::string asker, std::string affinity) const {
    auto upstream = core_->find(name);
    if (!upstream) return nullptr;
    return std::make_shared<UpstreamClient>(upstream, upstream->core()->context(), std::move(asker),
                                            std::move(affinity));
}

Async<CallToolResult> MCPManager::call_tool(std::string_view name, json::object arguments, CallOptions options) {
    const auto known = core_->catalogue();
    const Offered<Tool>* tool = known->find_tool(name);
    auto server = tool != nullptr ? client(tool->server) : nullptr;
    if (!server) return failed<CallToolResult>(*core_, unknown_name("tool", name, known->tools, *known));
    return server->call_tool(tool->item->name, std::move(arguments), std::move(options));
}

Async<GetPromptResult> MCPManager::get_prompt(std::string_view name, json::object arguments, CallOptions options) {
    const auto known = core_->catalogue();
    const Offered<Prompt>* prompt = known->find_prompt(name);
    auto server = prompt != nullptr ? client(prompt->server) : nullptr;
    if (!server) return failed<GetPromptResult>(*core_, unknown_name("prompt", name, known->prompts, *known));
    return server->get_prompt(prompt->item->name, std::move(arguments), std::move(options));
}

Async<ReadResourceResult> MCPManager::read_resource(std::string uri, CallOptions options) {
    const auto known = core_->catalogue();
    const auto servers = known->servers_of(uri);
    auto server = servers.size() == 1 ? client(servers.front()) : nullptr;
    if (server) return server->read_resource(std::move(uri), std::move(options));
    if (servers.size() <= 1) {
        return failed<ReadResourceResult>(*core_, unknown_name("resource", uri, known->resources, *known));
    }
    Error error(ErrorKind::capability_missing, "several servers offer this resource");
    auto& details = error.edit();
    details.operation = "resources/read " + uri.substr(0, 200);
    details.mend = "ask one of them:";
    for (const auto each : servers) details.mend += ' ' + std::string(each);
    return failed<ReadResourceResult>(*core_, std::move(error));
}

std::vector<UpstreamInfo> MCPManager::upstreams() const {
    const auto known = core_->catalogue();
    const auto all = core_->directory();
    std::map<std::string_view, const CatalogueShare*> shares;
    for (const auto& share : known->shares) shares.emplace(share.server, &share);
    std::vector<UpstreamInfo> out;
    out.reserve(all->size());
    for (const auto& each : *all) {
        UpstreamInfo& info = out.emplace_back(each->info());
        const auto share = shares.find(info.name);
        if (share == shares.end()) continue;
        info.freshness = share->second->freshness;
        info.tools = share->second->tools;
        info.prompts = share->second->prompts;
        info.resources = share->second->resources;
    }
    return out;
}

FleetHealth MCPManager::health() const {
    constexpr double healthy = 0.7;
    FleetHealth out;
    std::vector<double> scores;
    for (const auto& each : *core_->directory()) {
        ++out.servers;
        const ConnectionStatus status = each->core()->status();
        ++out.by_status[to_string(status)];
        const bool connected = status == ConnectionStatus::connected;
        const double score = connected ? each->core()->health().score : 0;
        // One that rests by its policy is not missing.
        const bool resting =
            each->config().upstream.start != StartPolicy::eager && status == ConnectionStatus::disconnected;
        if (!resting) scores.push_back(score);
        if (each->config().upstream.required && (!connected || score < healthy)) out.not_ready.push_back(each->name());
    }
    out.ready = out.not_ready.empty();
    if (scores.empty()) return out;
    std::ranges::sort(scores);
    out.lowest_score = scores.front();
    out.median_score = scores.size() % 2 == 1 ? scores[scores.size() / 2]
                                              : (scores[scores.size() / 2 - 1] + scores[scores.size() / 2]) / 2;
    return out;
}

std::optional<Explanation> MCPManager::explain(std::string_view name) const {
    const auto upstream = core_->find(name);
    if (!upstream) return std::nullopt;
    return upstream->explain();
}

}  // namespace haive::mcp
