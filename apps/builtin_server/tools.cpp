#include "tools.hpp"

#include "faults.hpp"
#include "server.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <unistd.h>

namespace builtin {

namespace {

using Run = void (*)(Server&, const std::shared_ptr<ToolCall>&);

struct Tool {
    const char* description;
    const char* properties;  // JSON: name to type
    const char* required;    // JSON array
    bool repeatable;         // read-only and idempotent
    Run run;
};

double number_argument(const ToolCall& call, std::string_view key, double fallback) {
    const auto* value = call.arguments.if_contains(key);
    if (value == nullptr) return fallback;
    if (!value->is_number()) throw Refusal{-32602, "`" + std::string(key) + "` must be a number"};
    return value->to_number<double>();
}

void echo(Server& server, const std::shared_ptr<ToolCall>& call) {
    std::string text = text_param(call->arguments, "text");
    if (server.switches().long_line > 0) text.assign(static_cast<std::size_t>(server.switches().long_line), 'x');
    server.finish(*call, text_result(text));
}

void add(Server& server, const std::shared_ptr<ToolCall>& call) {
    const double sum = number_argument(*call, "a", 0) + number_argument(*call, "b", 0);
    const json::value shown = sum == std::int64_t(sum) ? json::value(std::int64_t(sum)) : json::value(sum);
    json::object result = text_result(json::serialize(shown));
    result["structuredContent"] = json::object{{"sum", shown}};
    server.finish(*call, std::move(result));
}

void sleep_tool(Server& server, const std::shared_ptr<ToolCall>& call) {
    const auto wait = std::chrono::milliseconds(static_cast<long>(number_argument(*call, "ms", 100)));
    server.timers().after(wait, [&server, call] { server.finish(*call, text_result("slept")); });
}

void fail(Server& server, const std::shared_ptr<ToolCall>& call) {
    const auto* text = call->arguments.if_contains("text");
    server.finish(*call, text_result(text != nullptr && text->is_string() ? std::string_view(text->get_string()) : "it failed, as asked", true));
}

void error(Server&, const std::shared_ptr<ToolCall>& call) {
    const auto* text = call->arguments.if_contains("message");
    throw Refusal{static_cast<int>(number_argument(*call, "code", -32000)),
                  text != nullptr && text->is_string() ? std::string(text->get_string()) : "an error, as asked"};
}

void big(Server& server, const std::shared_ptr<ToolCall>& call) {
    const auto* text = call->arguments.if_contains("text");
    const std::size_t given = text != nullptr && text->is_string() ? text->get_string().size() : 0;
    const auto bytes = static_cast<std::size_t>(number_argument(*call, "bytes", static_cast<double>(given)));
    if (bytes > (std::size_t{1} << 30)) throw Refusal{-32602, "that is too big"};
    server.finish(*call, text_result(std::string(bytes, 'b')));
}

void step(Server& server, const std::shared_ptr<ToolCall>& call, int done, int steps, std::chrono::milliseconds wait) {
    server.timers().after(wait, [&server, call, done, steps, wait] {
        if (server.is_cancelled(call->id)) return server.finish(*call, {});
        server.send_progress(*call, done, steps);
        if (done < steps) return step(server, call, done + 1, steps, wait);
        server.finish(*call, text_result("done after " + std::to_string(steps) + " steps"));
    });
}

void progress(Server& server, const std::shared_ptr<ToolCall>& call) {
    step(server, call, 1, static_cast<int>(number_argument(*call, "steps", 5)),
         std::chrono::milliseconds(static_cast<long>(number_argument(*call, "ms", 50))));
}

void stderr_tool(Server& server, const std::shared_ptr<ToolCall>& call) {
    flood_stderr(static_cast<long>(number_argument(*call, "bytes", 1 << 20)));
    server.finish(*call, text_result("said it on stderr"));
}

/// One line an execution, written before the answer, in one write: the proof of what ran and how often.
void effect(Server& server, const std::shared_ptr<ToolCall>& call) {
    const std::string key = text_param(call->arguments, "key");
    if (!server.switches().ledger.empty()) {
        static const int file = open(server.switches().ledger.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        const auto now = std::chrono::system_clock::now().time_since_epoch().count();
        const std::string line = key + " " + std::to_string(getpid()) + " " + std::to_string(now) + "\n";
        if (file < 0 || write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
            throw Refusal{-32603, "the ledger cannot be written"};
        }
    }
    server.finish(*call, text_result(key));
}

void crash(Server&, const std::shared_ptr<ToolCall>&) { std::abort(); }

void exit_tool(Server&, const std::shared_ptr<ToolCall>& call) { _exit(static_cast<int>(number_argument(*call, "code", 0))); }

void ask(Server& server, const std::shared_ptr<ToolCall>& call) {
    const std::string what = text_param(call->arguments, "what");
    if (call->modern) throw Refusal{-32602, "a modern server asks nothing"};
    static const std::map<std::string, std::string> methods{
        {"roots", "roots/list"}, {"sampling", "sampling/createMessage"}, {"elicitation", "elicitation/create"}, {"ping", "ping"}};
    const auto method = methods.find(what);
    if (method == methods.end()) throw Refusal{-32602, "`what` is roots, sampling, elicitation or ping"};
    json::object params;
    if (what == "sampling") {
        const json::object message{{"role", "user"}, {"content", json::object{{"type", "text"}, {"text", "What is 2+2?"}}}};
        params = {{"messages", json::array{message}}, {"maxTokens", 100}};
    } else if (what == "elicitation") {
        params = {{"message", "Your name?"},
                  {"requestedSchema", json::object{{"type", "object"}, {"properties", json::object{{"name", json::object{{"type", "string"}}}}}}}};
    }
    server.ask(method->second, std::move(params), [&server, call](const json::object& answer) {
        const auto* result = answer.if_contains("result");
        const auto* refused = answer.if_contains("error");
        server.finish(*call, text_result(json::serialize(result != nullptr ? *result : *refused), result == nullptr));
    });
}

void env(Server& server, const std::shared_ptr<ToolCall>& call) {
    if (const auto* name = call->arguments.if_contains("name"); name != nullptr && name->is_string()) {
        const char* value = std::getenv(std::string(name->get_string()).c_str());
        return server.finish(*call, text_result(value != nullptr ? value : "", value == nullptr));
    }
    json::object all;
    for (char** at = environ; *at != nullptr; ++at) {
        const std::string_view line(*at);
        all[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
    }
    server.finish(*call, text_result(json::serialize(all)));
}

void args(Server& server, const std::shared_ptr<ToolCall>& call) {
    json::array argv;
    for (const auto& arg : server.argv()) argv.push_back(json::string(arg));
    const json::object all{{"argv", argv}, {"cwd", std::filesystem::current_path().string()}, {"pid", getpid()},
                           {"pgid", getpgrp()}};
    server.finish(*call, text_result(json::serialize(all)));
}

void change_tools(Server& server, const std::shared_ptr<ToolCall>& call) {
    server.change_tools();
    server.finish(*call, text_result("the tools changed"));
}

void log(Server& server, const std::shared_ptr<ToolCall>& call) {
    server.notify("notifications/message", {{"level", "info"}, {"data", text_param(call->arguments, "text")}});
    server.finish(*call, text_result("logged"));
}

std::string path_of(std::string_view uri) {
    if (!uri.starts_with("file://")) return {};
    std::string out;
    for (std::size_t i = 7; i < uri.size(); ++i) {
        if (uri[i] == '%' && i + 2 < uri.size()) {
            out += static_cast<char>(std::stoi(std::string(uri.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += uri[i];
        }
    }
    return out;
}

bool is_inside(const std::filesystem::path& file, const std::vector<std::string>& folders) {
    std::error_code ignored;
    const auto real = std::filesystem::weakly_canonical(file, ignored);
    for (const auto& folder : folders) {
        const auto relative = real.lexically_relative(std::filesystem::weakly_canonical(folder, ignored));
        if (!relative.empty() && *relative.begin() != "..") return true;
    }
    return false;
}

void read_file_now(Server& server, const ToolCall& call) {
    const std::string path = text_param(call.arguments, "path");
    if (!is_inside(path, server.folders())) return server.finish(call, text_result("Access denied: " + path, true));
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) return server.finish(call, text_result("cannot read " + path, true));
    server.finish(call, text_result(text.str()));
}

/// Below the folders given to us or, if none were, below the client's roots.
void read_file(Server& server, const std::shared_ptr<ToolCall>& call) {
    (void)text_param(call->arguments, "path");
    if (!server.folders().empty() || call->modern || !server.client_has("roots")) return read_file_now(server, *call);
    server.ask("roots/list", {}, [&server, call](const json::object& answer) {
        if (const auto* result = answer.if_contains("result"); result != nullptr && result->is_object()) {
            for (const auto& root : result->get_object().at("roots").as_array()) {
                server.folders().push_back(path_of(std::string_view(root.as_object().at("uri").as_string())));
            }
        }
        read_file_now(server, *call);
    });
}

const std::map<std::string, Tool>& tools() {
    static const std::map<std::string, Tool> all{
        {"echo", {"Says it back", R"({"text":{"type":"string"}})", R"(["text"])", true, echo}},
        {"add", {"Adds two numbers", R"({"a":{"type":"number"},"b":{"type":"number"}})", R"(["a","b"])", true, add}},
        {"sleep", {"Answers after a while", R"({"ms":{"type":"integer"}})", "[]", true, sleep_tool}},
        {"fail", {"Fails, as tools do", R"({"text":{"type":"string"}})", "[]", false, fail}},
        {"error", {"Answers with a JSON-RPC error", R"({"code":{"type":"integer"},"message":{"type":"string"}})", "[]", false, error}},
        {"big", {"Answers with many bytes", R"({"bytes":{"type":"integer"},"text":{"type":"string"}})", "[]", true, big}},
        {"progress", {"Reports progress, then answers", R"({"steps":{"type":"integer"},"ms":{"type":"integer"}})", "[]", false, progress}},
        {"stderr", {"Writes to stderr, then answers", R"({"bytes":{"type":"integer"}})", "[]", false, stderr_tool}},
        {"effect", {"Leaves a mark in the ledger", R"({"key":{"type":"string"}})", R"(["key"])", false, effect}},
        {"crash", {"Aborts the server", "{}", "[]", false, crash}},
        {"exit", {"Ends the server", R"({"code":{"type":"integer"}})", "[]", false, exit_tool}},
        {"ask", {"Asks the client for roots, sampling, elicitation or a ping", R"({"what":{"type":"string"}})", R"(["what"])", false, ask}},
        {"env", {"Shows the server's environment", R"({"name":{"type":"string"}})", "[]", true, env}},
        {"args", {"Shows the server's command line", "{}", "[]", true, args}},
        {"change_tools", {"Adds a tool and announces it", "{}", "[]", false, change_tools}},
        {"log", {"Sends a log message", R"({"text":{"type":"string"}})", R"(["text"])", false, log}},
        {"read_file", {"Reads a text file (deprecated name)", R"({"path":{"type":"string"}})", R"(["path"])", true, read_file}},
        {"read_text_file", {"Reads a text file", R"({"path":{"type":"string"}})", R"(["path"])", true, read_file}},
    };
    return all;
}

json::value parse(const char* text) { return json::parse(text); }

}  // namespace

json::object text_result(std::string_view text, bool is_error) {
    json::object out{{"content", json::array{json::object{{"type", "text"}, {"text", text}}}}};
    if (is_error) out["isError"] = true;
    return out;
}

json::array tool_list(const Switches& switches, bool changed) {
    json::array out;
    for (const auto& [name, tool] : tools()) {
        json::object schema{{"type", "object"}, {"properties", parse(tool.properties)}, {"required", parse(tool.required)}};
        json::object one{{"name", name}, {"description", tool.description}, {"inputSchema", std::move(schema)}};
        if (tool.repeatable) one["annotations"] = json::object{{"readOnlyHint", true}, {"idempotentHint", true}};
        if (name == "add") {
            one["outputSchema"] = parse(R"({"type":"object","properties":{"sum":{"type":"number"}},"required":["sum"]})");
        }
        out.push_back(std::move(one));
    }
    const json::object empty{{"type", "object"}};
    for (int i = 0; i < switches.extra_tools; ++i) {
        out.push_back(json::object{{"name", "extra_" + std::to_string(i)}, {"description", "Does nothing"}, {"inputSchema", empty}});
    }
    if (changed) out.push_back(json::object{{"name", "added_later"}, {"description", "Was not there at first"}, {"inputSchema", empty}});
    return out;
}

void run_tool(Server& server, const std::string& name, ToolCall call) {
    const auto shared = std::make_shared<ToolCall>(std::move(call));
    const auto tool = tools().find(name);
    if (tool != tools().end()) return tool->second.run(server, shared);
    if (name.starts_with("extra_") || name == "added_later") return server.finish(*shared, text_result("nothing was done"));
    throw Refusal{-32602, "Unknown tool: " + name};
}

}  // namespace builtin
