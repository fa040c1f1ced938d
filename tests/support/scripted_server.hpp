#pragma once

#include "haive/mcp/jsonrpc/raw_json.hpp"
#include "haive/mcp/transport/memory.hpp"

#include <boost/json.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace haive::mcp::testing {

/// What a scripted peer does and has seen; shared by its incarnations and by the test.
struct Script {
    using Reply = std::function<void(std::string)>;
    /// Given a request, answers it (or not) itself. Returns false to fall through to the default.
    using OnRequest = std::function<bool(const json::object& message, const Reply& reply)>;

    bool modern = false;
    bool legacy = true;
    std::string version = "2025-11-25";
    OnRequest on_request;
    std::vector<std::string> received;  // every line
    std::vector<std::string> executed;  // names of tools that ran
    int incarnations = 0;
    Reply speak;  // says a line unasked, as the newest incarnation
    std::string capabilities = R"({"tools":{"listChanged":true},"prompts":{},"resources":{}})";

    static std::string result(const json::object& request, std::string_view result) {
        return R"({"jsonrpc":"2.0","id":)" + json::serialize(request.at("id")) + R"(,"result":)" + std::string(result) +
               "}";
    }
    static std::string error(const json::object& request, int code, std::string_view message,
                             std::string_view data = "null") {
        return R"({"jsonrpc":"2.0","id":)" + json::serialize(request.at("id")) + R"(,"error":{"code":)" +
               std::to_string(code) + R"(,"message":")" + std::string(message) + R"(","data":)" + std::string(data) +
               "}}";
    }
    [[nodiscard]] int count(std::string_view method) const {
        int n = 0;
        for (const auto& line : received) {
            if (line.find("\"method\":\"" + std::string(method) + "\"") != std::string::npos) ++n;
        }
        return n;
    }
};

/// An MCP server that follows a script, in this process, on moved time.
class ScriptedServer final : public MemoryServer {
public:
    explicit ScriptedServer(std::shared_ptr<Script> script) : script_(std::move(script)) { ++script_->incarnations; }

    void on_line(std::string_view line, const std::function<void(std::string)>& reply) override {
        script_->received.emplace_back(line);
        script_->speak = reply;
        const json::value value = json::parse(json::string_view(line.data(), line.size()));
        const json::object& message = value.as_object();
        if (!message.contains("method") || !message.contains("id")) return;
        if (script_->on_request && script_->on_request(message, reply)) return;
        answer(message, reply);
    }

private:
    void answer(const json::object& m, const Script::Reply& reply) {
        const std::string_view method = m.at("method").as_string();
        if (method == "initialize" && script_->legacy) {
            reply(Script::result(m, R"({"protocolVersion":")" + script_->version + R"(","capabilities":)" +
                                        script_->capabilities + R"(,"serverInfo":{"name":"scripted","version":"1"}})"));
        } else if (method == "server/discover" && script_->modern) {
            reply(Script::result(
                m, R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":)" +
                       script_->capabilities +
                       R"(,"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"scripted","version":"1"}}})"));
        } else if (method == "ping") {
            reply(Script::result(m, "{}"));
        } else if (method == "tools/list") {
            reply(Script::result(m, R"({"tools":[{"name":"echo","inputSchema":{"type":"object"}}]})"));
        } else if (method == "tools/call") {
            const auto& params = m.at("params").as_object();
            script_->executed.emplace_back(params.at("name").as_string());
            reply(Script::result(m, R"({"content":[{"type":"text","text":"ok"}]})"));
        } else {
            reply(Script::error(m, -32601, "Method not found"));
        }
    }

    std::shared_ptr<Script> script_;
};

inline MemoryTransport scripted_transport(std::shared_ptr<Script> script) {
    return MemoryTransport([script] { return std::make_unique<ScriptedServer>(script); });
}

}  // namespace haive::mcp::testing
