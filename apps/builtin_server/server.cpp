#include "server.hpp"

#include "fast_echo.hpp"
#include "faults.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <unistd.h>

namespace builtin {

namespace {

constexpr std::string_view modern_version = "2026-07-28";
constexpr std::array legacy_versions{std::string_view("2025-11-25"), std::string_view("2025-06-18"),
                                     std::string_view("2025-03-26"), std::string_view("2024-11-05")};
constexpr std::string_view version_key = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view subscription_key = "io.modelcontextprotocol/subscriptionId";

const json::object& object_in(const json::object& in, std::string_view key) {
    static const json::object none;
    const auto* value = in.if_contains(key);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

bool is_modern(const json::object& params) { return object_in(params, "_meta").contains(version_key); }

json::object capabilities(bool modern) {
    json::object out{{"tools", json::object{{"listChanged", true}}},
                     {"resources", json::object{{"listChanged", true}}},
                     {"prompts", json::object{{"listChanged", true}}},
                     {"completions", json::object()}};
    if (!modern) {
        out["logging"] = json::object();
        out["resources"].as_object()["subscribe"] = true;
    }
    return out;
}

json::object server_info() { return {{"name", "haive-mcp-server"}, {"title", "Built-in server"}, {"version", "1.0"}}; }

}  // namespace

Server::Server(const Switches& switches, int argc, char** argv)
    : switches_(switches),
      argv_(argv, argv + argc),
      folders_(switches.folders),
      out_(switches_),
      fast_(switches.well_behaved()) {
    mute_ = switches.hang_at_start;
    for (int i = 0; i < switches.junk_start; ++i) out_.raw("Starting up... (this line is no message)\n");
}

int Server::run() {
    std::string block(std::size_t{256} << 10, '\0');
    for (;;) {
        out_.flush();
        pollfd in{reading_ ? STDIN_FILENO : -1, POLLIN, 0};
        if (poll(&in, 1, timers_.wait_ms()) < 0 && errno != EINTR) return 1;
        timers_.run_due();
        if (in.revents == 0) continue;
        const ssize_t n = read(STDIN_FILENO, block.data(), block.size());
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (n <= 0) {
            out_.flush();
            if (!switches_.ignore_eof) return 0;
            reading_ = false;
            continue;
        }
        std::string_view bytes(block.data(), static_cast<std::size_t>(n));
        for (;;) {
            const std::size_t newline = bytes.find('\n');
            if (newline == std::string_view::npos) break;
            std::string_view line = bytes.substr(0, newline);
            if (!partial_.empty()) {
                partial_ += line;
                on_line(partial_);
                partial_.clear();
            } else {
                on_line(line);
            }
            bytes.remove_prefix(newline + 1);
        }
        partial_ += bytes;
    }
}

void Server::on_line(std::string_view line) {
    if (mute_ || line.empty()) return;
    if (fast_ && answer_echo(line, out_.buffer())) {
        ++calls_;
        return;
    }
    if (switches_.serial && running_ > 0) {
        queue_.emplace_back(line);
        return;
    }
    boost::system::error_code error;
    const json::value parsed = json::parse(line, error);
    if (error) return refuse(nullptr, {-32700, "this is not JSON: " + error.message()});
    if (!parsed.is_object()) return refuse(nullptr, {-32600, "a message must be an object"});
    const json::object& message = parsed.get_object();
    const auto* method = message.if_contains("method");
    const auto* id = message.if_contains("id");
    if (method == nullptr) return on_answer(message);
    if (!method->is_string()) return refuse(id != nullptr ? *id : json::value(), {-32600, "`method` must be a string"});
    const std::string name(method->get_string());
    if (id == nullptr) return on_notification(name, object_in(message, "params"));
    try {
        on_request(*id, name, object_in(message, "params"));
    } catch (const Refusal& refusal) {
        refuse(*id, refusal);
    }
}

void Server::on_request(const json::value& id, const std::string& method, const json::object& params) {
    const bool modern = is_modern(params);
    if (method == "server/discover" && switches_.die_on_discover) die(switches_);
    if (method == "ping" && switches_.silent_ping) return;
    if (modern && switches_.era == Era::legacy && method != "server/discover") throw Refusal{-32601, "unknown method " + method};
    if (modern && switches_.era != Era::legacy &&
        object_in(params, "_meta").at(version_key) != json::value(modern_version)) {
        throw Refusal{-32022, "unsupported protocol version"};
    }
    if (!modern && switches_.era == Era::modern) throw Refusal{-32602, "every request needs _meta with a protocol version"};
    if (method == "tools/call") return on_tool_call(id, params, modern);
    if (method == "subscriptions/listen" && modern) return listen(id, params);
    answer(id, result_of(method, params, modern), modern);
    if (method == "server/discover") after_handshake();
    if (switches_.never_read && (method == "initialize" || method == "server/discover")) reading_ = false;
}

json::object Server::result_of(const std::string& method, const json::object& params, bool modern) {
    const int page = switches_.page_size;
    if (method == "tools/list") return page_of("tools", tool_list(switches_, tools_changed_), params, page);
    if (method == "resources/list") return page_of("resources", resource_list(), params, page);
    if (method == "resources/templates/list") return page_of("resourceTemplates", resource_template_list(), params, page);
    if (method == "resources/read") return read_resource(params);
    if (method == "prompts/list") return page_of("prompts", prompt_list(), params, page);
    if (method == "prompts/get") return get_prompt(params);
    if (method == "completion/complete") return complete(params);
    if (modern && method == "server/discover" && switches_.era != Era::legacy) return discover();
    if (!modern) {
        if (method == "initialize") return initialize(params);
        if (method == "ping" && !switches_.no_ping) return {};
        if (method == "logging/setLevel" || method == "resources/subscribe" || method == "resources/unsubscribe") return {};
    }
    if (switches_.silent_unknown) throw Refusal{0, ""};
    throw Refusal{-32601, "unknown method " + method};
}

json::object Server::initialize(const json::object& params) {
    std::string_view version = legacy_versions.front();
    const std::string asked = text_param(params, "protocolVersion");
    for (const std::string_view known : legacy_versions) {
        if (known == asked) version = known;
    }
    client_capabilities_ = object_in(params, "capabilities");
    return {{"protocolVersion", version}, {"capabilities", capabilities(false)}, {"serverInfo", server_info()},
            {"instructions", "A server for demonstrations and tests."}};
}

json::object Server::discover() const {
    return {{"supportedVersions", json::array{json::string(modern_version)}},
            {"capabilities", capabilities(true)},
            {"instructions", "A server for demonstrations and tests."},
            {"ttlMs", 60000},
            {"cacheScope", "public"},
            {"_meta", json::object{{"io.modelcontextprotocol/serverInfo", server_info()}}}};
}

void Server::after_handshake() {
    if (!switches_.die_after_handshake) return;
    const auto wait = std::chrono::milliseconds(static_cast<long>(*switches_.die_after_handshake * 1000));
    timers_.after(wait, [this] { die(switches_); });
}

void Server::listen(const json::value& id, const json::object& params) {
    listeners_.push_back(id);
    json::object acknowledged{{"notifications", object_in(params, "notifications")},
                              {"_meta", json::object{{subscription_key, id}}}};
    notify("notifications/subscriptions/acknowledged", std::move(acknowledged));
}

void Server::on_notification(const std::string& method, const json::object& params) {
    if (method == "notifications/initialized") {
        after_handshake();
        if (switches_.need_roots && !client_has("roots")) {
            static constexpr std::string_view text = "Error: no allowed folders: the client offers no roots\n";
            (void)!write(STDERR_FILENO, text.data(), text.size());
            _exit(switches_.exit_code);
        }
    } else if (method == "notifications/cancelled") {
        if (const auto* id = params.if_contains("requestId")) {
            cancelled_.insert(json::serialize(*id));
            std::erase(listeners_, *id);
        }
    } else if (method == "notifications/roots/list_changed" && switches_.folders.empty()) {
        folders_.clear();
    }
}

void Server::on_answer(const json::object& message) {
    const auto* id = message.if_contains("id");
    if (id == nullptr || !id->is_string()) return;
    auto node = asked_.extract(std::string(id->get_string()));
    if (!node.empty()) node.mapped()(message);
}

void Server::on_tool_call(const json::value& id, const json::object& params, bool modern) {
    ToolCall call;
    call.id = id;
    call.modern = modern;
    call.arguments = object_in(params, "arguments");
    const auto& meta = object_in(params, "_meta");
    if (const auto* token = meta.if_contains("progressToken")) call.progress_token = *token;
    const std::string name = text_param(params, "name");
    ++calls_;
    if (switches_.hang_after > 0 && calls_ > switches_.hang_after) {
        mute_ = true;
        return;
    }
    ++running_;
    try {
        run_tool(*this, name, std::move(call));
    } catch (const Refusal&) {
        --running_;
        throw;
    }
}

void Server::finish(const ToolCall& call, json::object result) {
    if (calls_ == switches_.die_before_answer) die(switches_);
    flood_stderr(switches_.stderr_flood);
    auto send = [this, call, result = std::move(result)]() mutable {
        --running_;
        if (!is_cancelled(call.id)) {
            if (switches_.request_same_id) {
                out_.line(json::serialize(json::object{{"jsonrpc", "2.0"}, {"id", call.id}, {"method", "ping"}}));
            }
            answer(call.id, std::move(result), call.modern);
        }
        after_call();
    };
    if (switches_.slow_answer_ms > 0) {
        timers_.after(std::chrono::milliseconds(switches_.slow_answer_ms), send);
    } else {
        send();
    }
}

void Server::after_call() {
    if (switches_.die_after > 0 && calls_ >= switches_.die_after) {
        out_.flush();
        die(switches_);
    }
    if (switches_.close_stdout_after > 0 && calls_ >= switches_.close_stdout_after) out_.close();
    while (!queue_.empty() && running_ == 0) take_serially();
}

void Server::take_serially() {
    const std::string line = queue_.front();
    queue_.erase(queue_.begin());
    on_line(line);
}

void Server::answer(const json::value& id, json::object result, bool modern) {
    if (modern) result["resultType"] = "complete";
    json::object message{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}};
    if (switches_.string_ids) message["id"] = json::serialize(id);
    std::string text = json::serialize(message);
    if (switches_.bad_utf8) {
        const std::size_t at = text.find("\"text\":\"");
        if (at != std::string::npos) text.insert(at + 8, "\xff\xfe\xc3");
    }
    out_.answer(text);
}

void Server::refuse(const json::value& id, const Refusal& refusal) {
    if (refusal.code == 0) return;  // silence was ordered
    json::object message{{"jsonrpc", "2.0"}, {"id", switches_.id_null_errors ? json::value() : id},
                         {"error", json::object{{"code", refusal.code}, {"message", refusal.message}}}};
    if (refusal.code == -32022) {
        message["error"].as_object()["data"] = json::object{{"supported", json::array{json::string(modern_version)}}};
    }
    out_.line(json::serialize(message));
}

void Server::notify(std::string_view method, json::object params) {
    out_.line(json::serialize(json::object{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}}));
}

void Server::send_progress(const ToolCall& call, double progress, double total) {
    if (call.progress_token.is_null()) return;
    notify("notifications/progress", {{"progressToken", call.progress_token}, {"progress", progress}, {"total", total},
                                      {"message", "step " + std::to_string(static_cast<int>(progress))}});
    out_.flush();
}

void Server::ask(std::string_view method, json::object params, std::function<void(const json::object&)> then) {
    const std::string id = "server-" + std::to_string(next_ask_++);
    asked_[id] = std::move(then);
    out_.line(json::serialize(json::object{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}}));
}

bool Server::is_cancelled(const json::value& id) const { return cancelled_.contains(json::serialize(id)); }

bool Server::client_has(std::string_view capability) const { return client_capabilities_.contains(capability); }

void Server::change_tools() {
    tools_changed_ = true;
    if (listeners_.empty()) notify("notifications/tools/list_changed", {});
    for (const auto& id : listeners_) {
        notify("notifications/tools/list_changed", {{"_meta", json::object{{subscription_key, id}}}});
    }
}

}  // namespace builtin
