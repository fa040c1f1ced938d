#pragma once

#include "haive/mcp/client.hpp"
#include "haive/mcp/config/server_url.hpp"
#include "haive/mcp/transport/memory.hpp"
#include "integration/support/listening_server.hpp"
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <boost/json.hpp>

#include <memory>
#include <ostream>
#include <string>

namespace haive::mcp::testing {

/// One way to reach a server. `listens` is the built-in server's option, or "stdio", or "memory".
struct TransportKind {
    const char* name;
    std::string_view listens;
    const char* type;
    const char* era;

    [[nodiscard]] bool has_process() const { return listens != "memory"; }
    [[nodiscard]] bool listens_somewhere() const { return listens.starts_with("--"); }
};

inline void PrintTo(const TransportKind& kind, std::ostream* out) { *out << kind.name; }

/// The few tools of the built-in server that the suite calls, in this process.
class SmallServer final : public MemoryServer {
public:
    explicit SmallServer(bool mute) : mute_(mute) {}

    void on_line(std::string_view line, const std::function<void(std::string)>& reply) override {
        const json::object message = json::parse(json::string_view(line.data(), line.size())).as_object();
        if (mute_ || !message.contains("id") || !message.contains("method")) return;
        const std::string id = json::serialize(message.at("id"));
        const std::string_view method = message.at("method").as_string();
        const auto answer = [&](const std::string& result) {
            reply(R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + result + "}");
        };
        if (method == "initialize") {
            answer(R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}},)"
                   R"("serverInfo":{"name":"small","version":"1"}})");
        } else if (method == "ping") {
            answer("{}");
        } else if (method == "tools/list") {
            answer(R"({"tools":[{"name":"echo","inputSchema":{"type":"object"}}]})");
        } else if (method == "tools/call") {
            call(message.at("params").as_object(), id, reply, answer);
        } else {
            reply(R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":-32601,"message":"Method not found"}})");
        }
    }

private:
    template <class Answer>
    void call(const json::object& params, const std::string& id, const std::function<void(std::string)>& reply,
              const Answer& answer) {
        const std::string_view tool = params.at("name").as_string();
        if (tool == "sleep") return;  // for longer than anybody waits here
        std::string text = "done";
        if (tool == "echo") text = params.at("arguments").at("text").as_string();
        if (tool == "progress") {
            for (int step = 1; step <= 3; ++step) {
                reply(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" + id +
                      R"(,"progress":)" + std::to_string(step) + "}}");
            }
        }
        if (tool == "change_tools") reply(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
        answer(R"({"content":[{"type":"text","text":)" + json::serialize(json::string(text)) + "}]}");
    }

    bool mute_;
};

/// A server of the built-in kind behind one transport; it can die and come back where it was.
class AnyServer {
public:
    explicit AnyServer(const TransportKind& kind, Args faults = {}) : kind_(kind), faults_(std::move(faults)) {
        if (kind_.listens_somewhere()) {
            const bool path = kind_.listens == "--unix";
            start(path ? folder_.at("socket") : "0");
            url_ = server_->url();
            where_ = path ? folder_.at("socket") : std::to_string(server_->port());
        }
    }

    [[nodiscard]] std::shared_ptr<MCPTransport> transport() const {
        if (kind_.listens_somewhere()) return *transport_for_url(url_, kind_.type, HttpOptions());
        if (kind_.listens == "memory") {
            const bool mute = !faults_.empty();
            return std::make_shared<MemoryTransport>([mute] { return std::make_unique<SmallServer>(mute); });
        }
        Args args{"--quiet", "--era", kind_.era};
        args.insert(args.end(), faults_.begin(), faults_.end());
        return std::make_shared<StdioTransport>(HAIVE_TEST_SERVER, args);
    }
    /// Kills it; a server that listens is back in its place when this returns, a child is started by its client.
    void die(const MCPConnection& connection) {
        if (kind_.listens_somewhere()) {
            server_->program().kill(SIGKILL);
            server_->program().wait();
            server_.reset();
            start(where_);
        } else {
            const auto info = connection.get_info();
            kill(static_cast<pid_t>(info.metadata.at("pid").to_number<std::int64_t>()), SIGKILL);
        }
    }
    /// Ends it for good.
    void end() {
        server_->program().kill(SIGKILL);
        server_->program().wait();
        server_.reset();
    }
    [[nodiscard]] const std::string& where() const { return where_; }

private:
    void start(const std::string& where) {
        Args args{std::string(kind_.listens), where, "--era", kind_.era};
        args.insert(args.end(), faults_.begin(), faults_.end());
        server_ = std::make_unique<ListeningServer>(args);
    }

    const TransportKind& kind_;
    Args faults_;
    TempFolder folder_;
    std::unique_ptr<ListeningServer> server_;
    std::string url_;
    std::string where_;
};

}  // namespace haive::mcp::testing
