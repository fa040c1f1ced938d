#pragma once

#include "haive/mcp/manager/manager.hpp"
#include "support/step_stream.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace haive::mcp::testing {

/// Moved time and a manager over stepped servers.
struct FleetWorld {
    explicit FleetWorld(ManagerOptions options = ManagerOptions(), std::uint64_t seed = 1,
                        std::shared_ptr<CallObserver> calls = nullptr)
        : events(std::make_shared<CapturedEvents>()),
          metrics(std::make_shared<Metrics>()),
          rt(seed, events, metrics, std::move(calls)) {
        options.runtime = rt.runtime;
        manager = std::make_unique<MCPManager>(std::move(options));
    }
    ~FleetWorld() {
        manager.reset();
        rt.loop->advance(std::chrono::minutes(2));
    }
    FleetWorld(const FleetWorld&) = delete;
    FleetWorld& operator=(const FleetWorld&) = delete;

    struct Server {
        std::shared_ptr<Script> script = std::make_shared<Script>();
        std::shared_ptr<Wire> wire = std::make_shared<Wire>(script);
    };
    /// The server of that name, made at first use. It offers these tools, or `echo`.
    Server& server(const std::string& name, std::vector<std::string> tools = {}) {
        const bool fresh = !servers.contains(name);
        Server& out = servers[name];
        if (fresh || !tools.empty()) offer(out, tools.empty() ? std::vector<std::string>{"echo"} : std::move(tools));
        return out;
    }
    static void offer(Server& server, const std::vector<std::string>& tools) {
        std::string list;
        for (const auto& tool : tools) {
            list += (list.empty() ? "" : ",") + (R"({"name":")" + tool + R"(","inputSchema":{"type":"object"}})");
        }
        server.script->on_request = [list](const json::object& m, const Script::Reply& reply) {
            if (m.at("method").as_string() != "tools/list") return false;
            reply(Script::result(m, R"({"tools":[)" + list + "]}"));
            return true;
        };
    }
    /// Its entry; another `version` is another fingerprint.
    UpstreamConfig entry(const std::string& name, const std::string& version = "1") {
        UpstreamConfig out;
        out.name = name;
        out.transport = std::make_shared<StepTransport>(server(name).wire);
        out.fingerprint = name + version;
        return out;
    }
    std::vector<UpstreamConfig> entries(const std::vector<std::string>& names) {
        std::vector<UpstreamConfig> out;
        for (const auto& name : names) out.push_back(entry(name));
        return out;
    }
    template <class T>
    T run(Async<T> operation) {
        return rt.runtime->run(std::move(operation));
    }
    template <class T>
    Result<T> result(Async<T> operation) {
        while (!operation.is_done() && rt.loop->step()) {}
        return operation.wait();
    }
    void advance(Duration d) const { rt.loop->advance(d); }
    [[nodiscard]] TimePoint now() const { return rt.loop->now(); }
    [[nodiscard]] std::vector<std::string> tools() const {
        std::vector<std::string> out;
        for (const auto& tool : manager->catalogue()->tools) out.push_back(tool.name);
        return out;
    }
    [[nodiscard]] Freshness freshness(std::string_view name) const {
        for (const auto& share : manager->catalogue()->shares) {
            if (share.server == name) return share.freshness;
        }
        return Freshness::unknown;
    }

    std::shared_ptr<CapturedEvents> events;
    std::shared_ptr<Metrics> metrics;
    ManualRuntime rt;
    std::map<std::string, Server> servers;
    std::unique_ptr<MCPManager> manager;
};

}  // namespace haive::mcp::testing
