// Uses every feature that a server has, through the library as a program would, and says how it went.
//     interop_client NAME auto|legacy|sse URL
//     interop_client NAME auto|legacy stdio COMMAND [ARG...]
// One line a feature: NAME <tab> feature <tab> ok|absent|FAILED <tab> what was seen. Exits 1 when one failed.
#include <haive/mcp/client.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

using namespace haive::mcp;

namespace {

/// Counts of what the server sent by itself; waited for by the main thread.
class Seen {
public:
    void count(const std::string& what) {
        const std::lock_guard lock(mutex_);
        ++counts_[what];
        changed_.notify_all();
    }
    int of(const std::string& what) {
        const std::lock_guard lock(mutex_);
        return counts_[what];
    }
    /// True once it was counted `times` times; gives up after 15 s.
    bool wait_for(const std::string& what, int times = 1) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(15), [&] { return counts_[what] >= times; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, int> counts_;
};

struct World {
    MCPClient& client;
    Seen& seen;
    std::set<std::string> tools;
    std::vector<Resource> resources;
    std::vector<Prompt> prompts;

    /// The first of these tools that the server has; empty when it has none.
    [[nodiscard]] std::string one_of(std::initializer_list<const char*> names) const {
        for (const char* name : names) {
            if (tools.contains(name)) return name;
        }
        return {};
    }
};

struct Outcome {
    enum class How : std::uint8_t { ok, absent, failed };
    How how = How::ok;
    std::string seen;
};

Outcome ok(std::string seen) { return {Outcome::How::ok, std::move(seen)}; }
Outcome absent(std::string why) { return {Outcome::How::absent, std::move(why)}; }
Outcome failed(std::string why) { return {Outcome::How::failed, std::move(why)}; }
Outcome expect(bool good, const std::string& seen) { return good ? ok(seen) : failed(seen); }

std::string text_of(const CallToolResult& result) { return result.text(); }

Outcome tools(World& world) {
    const std::string sum = world.one_of({"get-sum", "sum"});
    if (world.tools.empty()) return absent("no tools");
    const auto said = world.client.call_tool("echo", {{"message", "hello"}}).get();
    if (text_of(said).find("hello") == std::string::npos) return failed("echo said " + text_of(said));
    if (!sum.empty() &&
        text_of(world.client.call_tool(sum, {{"a", 2}, {"b", 40}}).get()).find("42") == std::string::npos) {
        return failed("2 + 40 is not 42");
    }
    return ok(std::to_string(world.tools.size()) + " tools listed, called");
}

Outcome tool_errors(World& world) {
    try {
        const auto result = world.client.call_tool("there-is-no-such-tool").get();
        return expect(result.is_error, "an unknown tool is an error in the result");
    } catch (const MCPToolError&) {
        return ok("an unknown tool is a JSON-RPC error");
    }
}

Outcome structured_output(World& world) {
    const std::string name = world.one_of({"get-structured-content", "sum"});
    if (name.empty()) return absent("no tool has an output schema");
    const json::object arguments =
        name == "sum" ? json::object{{"a", 1}, {"b", 2}} : json::object{{"location", "New York"}};
    const auto result = world.client.call_tool(name, arguments).get();
    return expect(result.structured_content.has_value(),
                  result.structured_content ? result.structured_content->text() : "no structuredContent");
}

/// A tool that runs only as a task, called like any other.
Outcome tasks(World& world) {
    const std::string name = world.one_of({"simulate-research-query"});
    if (name.empty()) return absent("no tool runs as a task");
    CallOptions options;
    options.timeout = Seconds(60);
    const auto result = world.client.call_tool(name, {{"topic", "tides"}, {"ambiguous", true}}, options).get();
    return expect(!result.is_error && !result.content.empty(), text_of(result).substr(0, 60));
}

Outcome resources(World& world) {
    if (world.resources.empty()) return absent("no resources");
    const auto read = world.client.read_resource(world.resources.front().uri).get();
    return expect(!read.contents.empty(), std::to_string(world.resources.size()) + " listed, one read");
}

Outcome resource_templates(World& world) {
    const auto templates = world.client.list_resource_templates().get();
    if (templates.empty()) return absent("no templates");
    return ok(std::to_string(templates.size()) + " listed");
}

Outcome prompts(World& world) {
    for (const Prompt& prompt : world.prompts) {
        if (prompt.name != "simple-prompt" && prompt.name != "greet") continue;
        const json::object arguments = prompt.name == "greet" ? json::object{{"name", "Ada"}} : json::object();
        const auto got = world.client.get_prompt(prompt.name, arguments).get();
        return expect(!got.messages.empty(), std::to_string(world.prompts.size()) + " listed, one taken");
    }
    return absent("no prompts");
}

Outcome completion(World& world) {
    for (const Prompt& prompt : world.prompts) {
        if (prompt.name != "completable-prompt" && prompt.name != "greet") continue;
        const bool greet = prompt.name == "greet";
        const auto got =
            world.client
                .complete(CompleteRequest::for_prompt(prompt.name, greet ? "name" : "department", greet ? "A" : "E"))
                .get();
        return expect(!got.values.empty(), std::to_string(got.values.size()) + " values");
    }
    return absent("no argument that can be completed");
}

Outcome progress(World& world) {
    const std::string name = world.one_of({"trigger-long-running-operation", "work"});
    if (name.empty()) return absent("no tool reports progress");
    int reports = 0;
    CallOptions options;
    options.on_progress = [&](const Progress&) { ++reports; };
    world.client.call_tool(name, {{"duration", 1}, {"steps", 4}}, options).get();
    return expect(reports > 0, std::to_string(reports) + " reports");
}

Outcome logging(World& world) {
    const std::string name = world.one_of({"toggle-simulated-logging", "say"});
    if (name.empty()) return absent("no tool logs");
    const int before = world.seen.of("notifications/message");
    if (world.client.facts()->capabilities.logging) world.client.set_log_level(LogLevel::debug).get();
    world.client.call_tool(name).get();
    const bool came = world.seen.wait_for("notifications/message", before + 1);
    if (name != "say") world.client.call_tool(name).get();
    return expect(came, came ? "a message came" : "no message came");
}

Outcome sampling(World& world) {
    const std::string name = world.one_of({"trigger-sampling-request", "sample"});
    if (name.empty()) return absent("no tool samples");
    const auto result = world.client.call_tool(name, {{"prompt", "hello"}, {"maxTokens", 10}}).get();
    return expect(text_of(result).find("sampled by the client") != std::string::npos, text_of(result));
}

Outcome elicitation(World& world) {
    const std::string name = world.one_of({"trigger-elicitation-request", "ask"});
    if (name.empty()) return absent("no tool asks");
    const int before = world.seen.of("elicitation");
    const auto result = world.client.call_tool(name).get();
    return expect(!result.is_error && world.seen.of("elicitation") > before, text_of(result));
}

Outcome roots(World& world) {
    const std::string name = world.one_of({"get-roots-list", "roots"});
    if (name.empty()) return absent("no tool asks for roots");
    // Some servers ask only when they are told of a change, and answer from what they remember.
    world.client.set_roots({ClientRoot("file:///interop", "interop")});
    std::string said;
    for (int i = 0; i < 100; ++i) {
        said = text_of(world.client.call_tool(name).get());
        if (said.find("file:///interop") != std::string::npos) return ok(said);
        world.client.ping().get();
    }
    return failed(said);
}

Outcome subscriptions(World& world) {
    const std::string name = world.one_of({"toggle-subscriber-updates", "touch"});
    if (name.empty()) return absent("no tool changes a resource");
    const std::string uri = name == "touch" ? "test://greeting" : "demo://resource/dynamic/text/1";
    if (!world.client.facts()->capabilities.resources_subscribe) return absent("not offered");
    world.client.subscribe_resource(uri).get();
    world.client.call_tool(name).get();
    const bool came = world.seen.wait_for("notifications/resources/updated");
    if (name != "touch") world.client.call_tool(name).get();
    world.client.unsubscribe_resource(uri).get();
    return expect(came, came ? "an update came" : "no update came");
}

Outcome liveness(World& world) {
    const Duration trip = world.client.ping().get();
    return expect(trip.count() > 0, "answered");
}

using Feature = std::pair<const char*, std::function<Outcome(World&)>>;

const std::vector<Feature>& features() {
    static const std::vector<Feature> table{
        {"tools", tools},
        {"tool errors", tool_errors},
        {"structured output", structured_output},
        {"resources", resources},
        {"templates", resource_templates},
        {"prompts", prompts},
        {"completion", completion},
        {"progress", progress},
        {"logging", logging},
        {"sampling", sampling},
        {"elicitation", elicitation},
        {"roots", roots},
        {"subscriptions", subscriptions},
        {"tasks", tasks},
        {"liveness", liveness},
    };
    return table;
}

/// A value for each field of the form that is asked for.
json::object filled_in(const json::object& schema) {
    json::object out;
    const json::value* properties = schema.if_contains("properties");
    if (properties == nullptr) return out;
    for (const auto& [name, field] : properties->as_object()) {
        const json::object& what = field.as_object();
        if (const json::value* usual = what.if_contains("default")) out[name] = *usual;
    }
    if (schema.contains("required")) {
        for (const json::value& name : schema.at("required").as_array()) {
            if (!out.contains(name.as_string())) out[name.as_string()] = "blue";
        }
    }
    return out;
}

ConnectionOptions options_of(Seen& seen, std::string_view era) {
    ConnectionOptions options;
    options.client.name = "haive-mcp-interop";
    options.client.era = era == "auto" ? EraPreference::automatic : EraPreference::legacy;
    options.client.roots.push_back(ClientRoot("file:///interop", "interop"));
    options.client.on_sampling = [&seen](const RawJson&, const std::shared_ptr<ServerRequestReply>& reply) {
        seen.count("sampling");
        reply->answer(RawJson(R"({"role":"assistant","model":"none","stopReason":"endTurn",)"
                              R"("content":{"type":"text","text":"sampled by the client"}})"));
    };
    options.client.on_elicitation = [&seen](const RawJson& params, const std::shared_ptr<ServerRequestReply>& reply) {
        seen.count("elicitation");
        const json::value asked = json::parse(params.text());
        const json::value* schema = asked.as_object().if_contains("requestedSchema");
        reply->answer(RawJson(json::serialize(json::object{
            {"action", "accept"}, {"content", schema == nullptr ? json::object() : filled_in(schema->as_object())}})));
    };
    return options;
}

std::shared_ptr<MCPTransport> transport_of(std::string_view how, const std::string& where,
                                           std::vector<std::string> rest) {
    if (where == "stdio") {
        const std::string command = rest.front();
        rest.erase(rest.begin());
        return std::make_shared<StdioTransport>(command, rest);
    }
    if (how == "sse") return std::make_shared<SseTransport>(where);
    return std::make_shared<HttpTransport>(where);
}

int run(const std::string& name, std::string_view how, std::shared_ptr<MCPTransport> transport) {
    Seen seen;
    MCPConnection connection(name, std::move(transport), options_of(seen, how));
    const auto client = connection.connect().get();
    for (const char* method :
         {"notifications/message", "notifications/resources/updated", "notifications/tools/list_changed"}) {
        client->add_notification_handler(method, [&seen, method](const RawJson&) { seen.count(method); });
    }
    World world{*client, seen, {}, {}, {}};
    const auto& can = client->facts()->capabilities;
    for (const Tool& tool : client->list_tools().get()) world.tools.insert(tool.name);
    if (can.resources) world.resources = client->list_resources().get();
    if (can.prompts) world.prompts = client->list_prompts().get();
    std::printf("%s\tprotocol\tok\t%s\n", name.c_str(), client->facts()->protocol_version.c_str());
    int bad = 0;
    for (const auto& [feature, use] : features()) {
        Outcome outcome;
        try {
            outcome = use(world);
        } catch (const std::exception& error) {
            outcome = failed(error.what());
        }
        static constexpr const char* words[] = {"ok", "absent", "FAILED"};
        for (char& c : outcome.seen) c = c == '\n' || c == '\t' ? ' ' : c;
        std::printf("%s\t%s\t%s\t%s\n", name.c_str(), feature, words[static_cast<int>(outcome.how)],
                    outcome.seen.substr(0, 200).c_str());
        std::fflush(stdout);
        if (outcome.how == Outcome::How::failed) ++bad;
    }
    connection.disconnect().get();
    return bad == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4 || (std::strcmp(argv[3], "stdio") == 0 && argc < 5)) {
        return std::fprintf(stderr, "usage: %s NAME auto|legacy|sse URL, or: ... stdio COMMAND [ARG...]\n", argv[0]), 2;
    }
    try {
        return run(argv[1], argv[2], transport_of(argv[2], argv[3], {argv + 4, argv + argc}));
    } catch (const std::exception& error) {
        std::printf("%s\tconnect\tFAILED\t%s\n", argv[1], error.what());
        return 1;
    }
}
