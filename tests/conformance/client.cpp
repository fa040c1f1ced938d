// What the official conformance suite runs: `client URL`. One program, one code path: the era is found out
// by the library; a scenario only says which calls to make.
#include <haive/mcp/client.hpp>
#include <haive/mcp/client/handlers.hpp>
#include <haive/mcp/skills/skills.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

using namespace haive::mcp;

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : value;
}

struct Session {
    std::shared_ptr<MCPClient> kept;
    MCPClient& client;
    std::vector<Tool> tools;
};

const Tool* tool_named(const Session& session, std::string_view name) {
    for (const Tool& tool : session.tools) {
        if (tool.name == name) return &tool;
    }
    return nullptr;
}

void only_list(Session&) {}

void add_numbers(Session& session) { session.client.call_tool("add_numbers", {{"a", 5}, {"b", 3}}).get(); }

void first_tool(Session& session) {
    for (const Tool& tool : session.tools) session.client.call_tool(tool.name).get();
}

/// The calls that the suite spells out in its context.
void calls_of_the_context(Session& session) {
    const json::value context = json::parse(environment("MCP_CONFORMANCE_CONTEXT"));
    for (const json::value& call : context.at("toolCalls").as_array()) {
        const json::value* arguments = call.as_object().if_contains("arguments");
        session.client
            .call_tool(std::string(call.at("name").as_string()),
                       arguments == nullptr ? json::object() : arguments->as_object())
            .get();
    }
}

void everything_once(Session& session) {
    for (const Tool& tool : session.tools) session.client.call_tool(tool.name).get();
    for (const Resource& resource : session.client.list_resources().get()) {
        session.client.read_resource(resource.uri).get();
    }
    for (const Prompt& prompt : session.client.list_prompts().get()) session.client.get_prompt(prompt.name).get();
}

/// The schema of one tool, back to the server as it came.
void echo_schema(Session& session) {
    const Tool* tool = tool_named(session, "json_schema_2020_12_tool");
    if (tool == nullptr) throw std::runtime_error("no json_schema_2020_12_tool was listed");
    session.client.call_tool("json_schema_echo", RawJson("{\"schema\":" + std::string(tool->input_schema.text()) + "}"))
        .get();
}

/// All skills, and nothing else: their files are not wanted yet.
void list_skills(Session& session) { SkillsClient(session.kept).list().get(); }

/// Each skill whole: a SKILL.md that fails its check ends it before any other file is read.
void load_skills(Session& session) {
    SkillsClient skills(session.kept);
    for (const Skill& skill : skills.list().get()) {
        skills.read(skill).get();
        for (const SkillResource& file : skill.resources) skills.read(skill, file.uri).get();
    }
}

using Scenario = std::function<void(Session&)>;

const std::map<std::string, Scenario, std::less<>>& scenarios() {
    static const std::map<std::string, Scenario, std::less<>> table{
        {"initialize", only_list},
        {"tools_call", add_numbers},
        {"elicitation-sep1034-client-defaults", first_tool},
        {"sse-retry", first_tool},
        {"request-metadata", first_tool},
        {"sep-2322-client-request-state", first_tool},
        {"http-standard-headers", everything_once},
        {"http-custom-headers", calls_of_the_context},
        {"http-invalid-tool-headers", first_tool},
        {"json-schema-ref-no-deref", only_list},
        {"json-schema-2020-12-preservation", echo_schema},
        {"sep-2640-client-no-prefetch", list_skills},
        {"sep-2640-client-verify-digest", load_skills},
        {"sep-2640-client-verify-size", load_skills},
        {"sep-2640-client-verify-frontmatter", load_skills},
    };
    return table;
}

/// Accepts every form: with the one answer that a scenario asks for, or empty, for the library to fill in.
void accept(const RawJson& params, const std::shared_ptr<ServerRequestReply>& reply) {
    const json::value asked = json::parse(params.text());
    const json::value* schema = asked.as_object().if_contains("requestedSchema");
    json::object content;
    if (schema != nullptr && schema->at("properties").as_object().contains("confirmed")) content["confirmed"] = true;
    reply->answer(RawJson(json::serialize(json::object{{"action", "accept"}, {"content", content}})));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "usage: %s URL\n", argv[0]), 2;
    const std::string name = environment("MCP_CONFORMANCE_SCENARIO");
    const auto scenario = scenarios().find(name);
    if (scenario == scenarios().end()) return std::fprintf(stderr, "no such scenario: %s\n", name.c_str()), 2;

    ConnectionOptions options;
    options.client.name = "haive-mcp-conformance";
    options.client.on_elicitation = accept;
    options.client.on_sampling = sampling_handler([](const CreateMessageRequest&) {
        CreateMessageResult result;
        result.content.push_back(ContentBlock::of_text("a sampled answer"));
        result.model = "test-model";
        result.stop_reason = "endTurn";
        return std::optional(result);
    });
    MCPConnection connection("suite", HttpTransport(argv[argc - 1]), options);
    try {
        const auto client = connection.connect().get();
        Session session{client, *client, {}};
        if (client->facts()->capabilities.tools) session.tools = client->list_tools().get();
        scenario->second(session);
        connection.disconnect().get();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
