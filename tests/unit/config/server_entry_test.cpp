// One entry of mcpServers: every key, what its values may be, and what is said when they are not.
#include "config/server_entry.hpp"

#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/stdio.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

using namespace haive::mcp;

namespace {

struct Outcome {
    Result<ServerConfig> server = Error();
    std::vector<std::string> warnings;
};

std::optional<std::string> lookup(std::string_view name) {
    return name == "HOME" ? std::optional<std::string>("/folk/ann") : std::nullopt;
}

Outcome read(std::string_view entry, const FileLookup& read_file = nullptr) {
    ExpansionSources sources;
    sources.variable = lookup;
    sources.read_file = read_file;
    ServerOptions options;
    ConfigNotes notes;
    const auto server =
        parse_server_entry("srv", boost::json::parse(entry).as_object(), "/srv", options, sources, notes);
    Outcome out;
    for (const auto& warning : notes.warnings) out.warnings.push_back(warning.message);
    if (notes.error) {
        out.server = Error(ErrorKind::invalid_config, notes.error->message).set_mend(notes.error->mend);
    } else {
        out.server = server;
    }
    return out;
}

ServerConfig good(std::string_view entry) {
    auto outcome = read(entry);
    EXPECT_TRUE(outcome.server.has_value()) << entry << ": " << outcome.server.error().message();
    return outcome.server.has_value() ? *outcome.server : ServerConfig();
}

std::string refusal(std::string_view entry) {
    const auto outcome = read(entry);
    if (outcome.server.has_value()) return "accepted";
    EXPECT_EQ(outcome.server.error().kind(), ErrorKind::invalid_config);
    EXPECT_TRUE(outcome.server.error().message().starts_with("server 'srv': ")) << outcome.server.error().message();
    return outcome.server.error().message();
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(ServerEntry, command_and_args_make_a_stdio_server) {
    const auto server = good(R"({"command": "npx", "args": ["-y", "a b"]})");
    ASSERT_NE(server.transport, nullptr);
    EXPECT_EQ(server.transport->describe(), "npx -y 'a b'");
    EXPECT_TRUE(server.unusable.empty());
    EXPECT_FALSE(server.disabled);
}

TEST(ServerEntry, variables_are_filled_in_in_every_text) {
    EXPECT_EQ(good(R"({"command": "${HOME}/bin/s", "args": ["${HOME}", "${DIR:-/d}"]})").transport->describe(),
              "/folk/ann/bin/s /folk/ann /d");
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "cwd": "${NOPE}"})"), "cwd"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "env": {"K": "${NOPE}"}})"), "env.K"));
}

TEST(ServerEntry, an_unset_variable_names_key_and_variable_and_the_way_out) {
    const auto outcome = read(R"({"command": "x", "args": ["a", "${NOPE}"]})");
    ASSERT_TRUE(outcome.server.has_error());
    EXPECT_TRUE(holds(outcome.server.error().message(), "args[1]"));
    EXPECT_TRUE(holds(outcome.server.error().message(), "NOPE"));
    EXPECT_FALSE(outcome.server.error().details().mend.empty());
}

TEST(ServerEntry, numbers_and_booleans_in_env_are_taken_as_text) {
    EXPECT_NE(good(R"({"command": "x", "env": {"PORT": 8080, "DEBUG": true, "EMPTY": ""}})").transport, nullptr);
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "env": {"A": null}})"), "env.A must be a string"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "env": {"A": ["x"]}})"), "env.A must be a string"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "env": ["A=1"]})"), "env must be an object"));
}

TEST(ServerEntry, values_of_the_wrong_kind_are_refused_by_key) {
    EXPECT_TRUE(holds(refusal(R"({"command": ["npx"]})"), "command must be a string"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "args": "-y"})"), "args must be an array of strings"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "args": ["a", 3]})"), "args[1] must be a string"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "disabled": "yes"})"), "disabled must be true or false"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "enabled": 1})"), "enabled must be true or false"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "era": "ancient"})"), "era must be auto, legacy or modern"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "max_message_bytes": 10})"), "max_message_bytes"));
}

TEST(ServerEntry, the_documented_parameters_are_taken_by_name) {
    const auto options = good(R"({"command": "x", "auto_reconnect": false, "max_reconnect_attempts": 3,
        "reconnect_delay": 2, "max_reconnect_delay": 30.5, "health_check_interval": 15, "connection_timeout": 9,
        "era": "legacy"})")
                             .options;
    EXPECT_FALSE(options.auto_reconnect);
    EXPECT_EQ(options.max_reconnect_attempts, 3);
    EXPECT_EQ(options.reconnect_delay, Seconds(2));
    EXPECT_EQ(options.max_reconnect_delay, Seconds(30.5));
    EXPECT_EQ(options.health_check_interval, Seconds(15));
    EXPECT_EQ(options.connection_timeout, Seconds(9));
    EXPECT_EQ(options.client.era, EraPreference::legacy);
}

TEST(ServerEntry, parameters_of_the_wrong_kind_say_what_they_must_be) {
    EXPECT_TRUE(
        holds(refusal(R"({"command": "x", "reconnect_delay": "1s"})"), "reconnect_delay must be a number of seconds"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "max_reconnect_attempts": 1.5})"), "must be a whole number"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "auto_reconnect": 1})"), "must be true or false"));
}

TEST(ServerEntry, parameters_out_of_range_are_refused) {
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "health_check_interval": -1})"), "health_check_interval"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "jitter": 7})"), "jitter"));
}

TEST(ServerEntry, an_unknown_key_is_a_warning_that_names_it) {
    const auto outcome = read(R"({"command": "x", "colour": "y"})");
    ASSERT_TRUE(outcome.server.has_value());
    ASSERT_EQ(outcome.warnings.size(), 1u);
    EXPECT_TRUE(holds(outcome.warnings[0], "srv"));
    EXPECT_TRUE(holds(outcome.warnings[0], "'colour'"));
}

TEST(ServerEntry, keys_of_other_hosts_are_no_reason_for_a_warning) {
    const auto outcome = read(R"({"command": "x", "type": "stdio", "autoApprove": [], "alwaysAllow": [], "_note": 1,
        "//": "comment", "description": "d", "timeout": 60, "gallery": true, "dev": {"watch": "*"}, "oauth": {},
        "headersHelper": "x", "trust": true, "source": "custom"})");
    EXPECT_TRUE(outcome.server.has_value());
    EXPECT_TRUE(outcome.warnings.empty());
}

TEST(ServerEntry, neither_command_nor_url_says_what_to_write) {
    const auto outcome = read("{}");
    ASSERT_TRUE(outcome.server.has_error());
    EXPECT_TRUE(holds(outcome.server.error().message(), "neither a command nor a url"));
    EXPECT_TRUE(holds(outcome.server.error().details().mend, "\"command\""));
}

TEST(ServerEntry, a_url_is_a_transport) {
    const auto type_of = [](const char* entry) { return std::string(good(entry).transport->type()); };
    EXPECT_EQ(type_of(R"({"url": "https://h/mcp"})"), "HttpTransport");
    EXPECT_EQ(type_of(R"({"serverUrl": "http://h/mcp", "type": "streamableHttp"})"), "HttpTransport");
    EXPECT_EQ(type_of(R"({"url": "https://h/sse", "type": "sse"})"), "SseTransport");
    EXPECT_EQ(type_of(R"({"url": "wss://h/mcp"})"), "WebSocketTransport");
    EXPECT_EQ(type_of(R"({"url": "unix:/run/server.sock"})"), "UnixSocketTransport");
    EXPECT_EQ(type_of(R"({"url": "tcp://127.0.0.1:9000"})"), "TcpTransport");
}

TEST(ServerEntry, what_http_needs_is_taken_from_the_entry) {
    const auto server = good(R"({"url": "https://h/mcp", "headers": {"X-A": "b", "X-N": 5}, "ca_file": "ca.pem",
        "client_certificate": "c.pem", "client_key": "k.pem", "proxy": "http://p:1", "max_message_bytes": 4096})");
    const auto& options = dynamic_cast<const HttpTransport&>(*server.transport).options();
    ASSERT_EQ(options.headers.size(), 2U);
    EXPECT_EQ(options.headers[0], (std::pair<std::string, std::string>("X-A", "b")));
    EXPECT_EQ(options.headers[1].second, "5");
    EXPECT_EQ(options.ca_file, "ca.pem");
    EXPECT_EQ(options.client_certificate, "c.pem");
    EXPECT_EQ(options.client_key, "k.pem");
    EXPECT_EQ(options.proxy, "http://p:1");
    EXPECT_EQ(options.max_message_bytes, 4096U);
}

TEST(ServerEntry, a_foreign_transport_is_unusable_with_the_reason) {
    for (const char* entry :
         {R"({"command": "x", "type": "carrier-pigeon"})", R"({"url": "https://h/mcp", "type": "carrier-pigeon"})"}) {
        const auto server = good(entry);
        EXPECT_EQ(server.transport, nullptr);
        EXPECT_TRUE(holds(server.unusable, "carrier-pigeon"));
    }
    EXPECT_TRUE(holds(good(R"({"url": "gopher://h/"})").unusable, "gopher"));
    EXPECT_EQ(good(R"({"url": "key-that-is-secret"})").unusable, "the url has no scheme");
}

TEST(ServerEntry, an_unknown_key_that_is_nearly_a_known_one_is_an_error) {
    const auto outcome = read(R"({"command": "x", "reconect_delay": 2})");
    ASSERT_TRUE(outcome.server.has_error());
    EXPECT_TRUE(holds(outcome.server.error().message(), "'reconect_delay'"));
    EXPECT_EQ(outcome.server.error().details().mend, "did you mean 'reconnect_delay'?");
}

TEST(ServerEntry, keys_from_memory_are_put_right) {
    for (const auto& [key, meant] : {std::pair("cmd", "'command'"), std::pair("arguments", "'args'"),
                                     std::pair("environment", "'env'"), std::pair("endpoint", "'url'")}) {
        const auto outcome = read(R"({"command": "x", ")" + std::string(key) + R"(": 1})");
        ASSERT_TRUE(outcome.server.has_error()) << key;
        EXPECT_TRUE(holds(outcome.server.error().details().mend, meant)) << outcome.server.error().details().mend;
    }
}

TEST(ServerEntry, warnings_are_bounded) {
    std::string entry = R"({"command": "x")";
    for (int i = 0; i < 500; ++i) entry += ", \"colour" + std::to_string(i) + "\": 1";
    EXPECT_EQ(read(entry + "}").warnings.size(), 100u);
}

TEST(ServerEntry, a_command_and_a_url_at_once_are_refused) {
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "url": "https://h/"})"), "both a command and a url"));
    EXPECT_TRUE(holds(refusal(R"({"url": "https://h/", "serverUrl": "https://i/"})"), "second time"));
    EXPECT_TRUE(holds(refusal(R"({"command": ""})"), "command is empty"));
}

TEST(ServerEntry, how_a_manager_treats_the_server_is_taken_by_name) {
    const auto server = good(R"({"command": "x", "required": true, "start": "on_use", "idle_stop": 60,
        "tools": {"allow": ["read_*"], "deny": ["read_secret"]}, "prompts": ["a"], "resources": {"deny": ["*"]},
        "prefix": "", "max_in_flight": 4, "max_queued": 0, "circuit_breaker": false, "hedging": true})");
    const UpstreamOptions& upstream = server.upstream;
    EXPECT_TRUE(upstream.required);
    EXPECT_EQ(upstream.start, StartPolicy::on_use);
    EXPECT_EQ(upstream.idle_stop, Seconds(60));
    EXPECT_EQ(upstream.tools.allow, std::vector<std::string>{"read_*"});
    EXPECT_EQ(upstream.tools.deny, std::vector<std::string>{"read_secret"});
    EXPECT_EQ(upstream.prompts.allow, std::vector<std::string>{"a"}) << "an array is what is allowed";
    EXPECT_EQ(upstream.resources.deny, std::vector<std::string>{"*"});
    EXPECT_EQ(upstream.prefix, "");
    EXPECT_EQ(upstream.max_in_flight, 4);
    EXPECT_EQ(upstream.max_queued, 0);
    EXPECT_FALSE(upstream.circuit_breaker);
    EXPECT_TRUE(upstream.hedging);
    EXPECT_FALSE(server.pool);
}

TEST(ServerEntry, a_pool_is_an_object_or_true) {
    EXPECT_TRUE(good(R"({"command": "x", "pool": true})").pool);
    EXPECT_FALSE(good(R"({"command": "x", "pool": false})").pool);
    const auto pool = good(R"({"command": "x", "pool": {"mode": "session", "min_size": 1, "max_size": 4,
        "max_lifetime": null, "acquire_timeout": 2.5, "max_ejected": 0.25}})")
                          .pool;
    ASSERT_TRUE(pool);
    EXPECT_EQ(pool->mode, PoolMode::session);
    EXPECT_EQ(pool->min_size, 1);
    EXPECT_EQ(pool->max_size, 4);
    EXPECT_EQ(pool->acquire_timeout, Seconds(2.5));
    EXPECT_EQ(pool->max_ejected, 0.25);
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "pool": 4})"), "pool must be true, false or an object"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "pool": {"min_size": 9, "max_size": 2}})"), "min_size"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "pool": {"maxsize": 2}})"), "pool: unknown key 'maxsize'"));
}

TEST(ServerEntry, options_of_the_wrong_kind_say_what_they_must_be) {
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "start": "now"})"), "start must be eager, lazy or on_use"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "tools": {"allowed": []}})"), "tools must be an array of names"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "tools": [1]})"), "tools must be"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "max_in_flight": 0})"), "must be within 1 and 10000"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "idle_stop": 0})"), "idle_stop must be above 0"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "prefix": 1})"), "prefix must be a string, or null"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "pool": {"mode": "common"}})"), "pool.mode must be"));
    EXPECT_TRUE(holds(refusal(R"({"command": "x", "connection_timeout": 1e300})"), "at most 1000000000"));
}

TEST(ServerEntry, tool_filters_of_other_hosts_are_filters_here) {
    const auto tools = good(R"({"command": "x", "includeTools": ["a"], "excludeTools": ["b"], "disabledTools": ["c"]})")
                           .upstream.tools;
    EXPECT_EQ(tools.allow, std::vector<std::string>{"a"});
    EXPECT_EQ(tools.deny, (std::vector<std::string>{"b", "c"}));
}

TEST(ServerEntry, a_command_may_be_an_object_as_in_older_entries_of_zed) {
    const auto server = good(R"({"source": "custom", "command": {"path": "npx", "args": ["-y", "s"], "env": null}})");
    EXPECT_EQ(server.transport->describe(), "npx -y s");
    EXPECT_TRUE(holds(refusal(R"({"command": {"args": []}})"), "command has no path"));
}

TEST(ServerEntry, an_extension_of_zed_is_unusable_and_no_mistake) {
    EXPECT_TRUE(holds(good(R"({"source": "extension", "enabled": true, "settings": {}})").unusable, "extension"));
}

TEST(ServerEntry, a_file_of_variables_lies_under_the_entrys_own) {
    const FileLookup files = [](const std::string& path) -> std::optional<std::string> {
        if (path == "bad.env") return "TOKEN";
        return path == ".env" ? std::optional<std::string>("A=from-file\nB=from-file\n") : std::nullopt;
    };
    const auto outcome = read(R"({"command": "x", "env": {"A": "own"}, "envFile": ".env"})", files);
    ASSERT_TRUE(outcome.server.has_value()) << outcome.server.error().message();
    const auto& env = dynamic_cast<const StdioTransport&>(*outcome.server->transport).options().env;
    EXPECT_EQ(env.at("A"), "own");
    EXPECT_EQ(env.at("B"), "from-file");
    const auto missing = read(R"({"command": "x", "envFile": "no.env"})", files);
    ASSERT_TRUE(missing.server.has_error());
    EXPECT_TRUE(holds(missing.server.error().message(), "envFile cannot be read"));
    const auto bad = read(R"({"command": "x", "envFile": "bad.env"})", files);
    ASSERT_TRUE(bad.server.has_error());
    EXPECT_TRUE(holds(bad.server.error().message(), "line 1"));
}

TEST(ServerEntry, disabled_and_enabled_say_the_same_thing) {
    EXPECT_TRUE(good(R"({"command": "x", "disabled": true})").disabled);
    EXPECT_TRUE(good(R"({"command": "x", "enabled": false})").disabled);
    EXPECT_FALSE(good(R"({"command": "x", "enabled": true})").disabled);
    EXPECT_FALSE(good(R"({"command": "x", "disabled": false})").disabled);
}

TEST(ServerEntry, a_disabled_server_may_be_unfinished) {
    for (const char* entry :
         {R"({"disabled": true})", R"({"disabled": true, "command": "${NOPE}"})", R"({"command": 3, "disabled": true})",
          R"({"command": "x", "disabled": true, "health_check_interval": -1})"}) {
        const auto server = good(entry);
        EXPECT_TRUE(server.disabled);
        EXPECT_EQ(server.transport, nullptr) << entry;
        EXPECT_FALSE(server.unusable.empty()) << entry;
    }
}

TEST(ServerEntry, secrets_are_not_shown_when_the_server_is_described) {
    const auto server =
        good(R"({"command": "x", "args": ["--token", "hunter2-secret"], "env": {"API_KEY": "k-12345678"}})");
    EXPECT_FALSE(holds(server.transport->describe(), "hunter2"));
    EXPECT_FALSE(holds(server.transport->describe(), "k-12345678"));
}
