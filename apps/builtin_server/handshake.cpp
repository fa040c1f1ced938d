// How the eras introduce themselves, and what a request says of its own.
#include "conversation.hpp"
#include "kept_for.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace builtin {

namespace {

constexpr std::array legacy_versions{std::string_view("2025-11-25"), std::string_view("2025-06-18"),
                                     std::string_view("2025-03-26"), std::string_view("2024-11-05")};
constexpr const char* instructions = "A server for demonstrations and tests.";

json::object capabilities(bool modern) {
    json::object out{{"tools", json::object{{"listChanged", true}}},
                     {"resources", json::object{{"listChanged", true}, {"subscribe", true}}},
                     {"prompts", json::object{{"listChanged", true}}},
                     {"completions", json::object()},
                     {"logging", json::object()}};
    if (modern) {
        out["extensions"] = json::object{{tasks_extension, json::object()}};
    } else {
        out["tasks"] = json::parse(R"({"list": {}, "cancel": {}, "requests": {"tools": {"call": {}}}})");
    }
    return out;
}

json::object server_info() { return {{"name", "haive-mcp-server"}, {"title", "Built-in server"}, {"version", "1.0"}}; }

Refusal wrong_version(std::string_view asked) {
    return {-32022,
            "unsupported protocol version",
            {{"supported", json::array{json::string(modern_version)}}, {"requested", asked}}};
}

}  // namespace

void check_envelope(const json::object& meta) {
    const std::string version = text_param(meta, version_key);
    if (version != modern_version) throw wrong_version(version);
    const auto* capabilities_of_client = meta.if_contains(capabilities_key);
    if (capabilities_of_client == nullptr || !capabilities_of_client->is_object()) {
        throw Refusal{-32602, "`_meta` must say the client's capabilities"};
    }
}

bool is_legacy_version(std::string_view version) {
    return std::ranges::find(legacy_versions, version) != std::ranges::end(legacy_versions);
}

/// An old server does not know the envelope: it runs the request as if there were none.
bool Conversation::speaks_modern(const std::string& method, const json::object& params) const {
    if (switches().era == Era::legacy) return false;
    const auto& meta = object_in(params, "_meta");
    if (meta.contains(version_key)) {
        check_envelope(meta);
        return true;
    }
    if (switches().era == Era::modern && method == "initialize") {
        throw wrong_version(text_param(params, "protocolVersion", ""));
    }
    if (switches().era == Era::modern || method == "server/discover") {
        throw Refusal{-32602, "every request needs `_meta` with a protocol version"};
    }
    return false;
}

json::object Conversation::initialize(const json::object& params) {
    const std::string asked = text_param(params, "protocolVersion");
    const auto known = std::ranges::find(legacy_versions, asked);
    client_capabilities_ = object_in(params, "capabilities");
    version_ = known != legacy_versions.end() ? *known : legacy_versions.front();
    return {{"protocolVersion", version_},
            {"capabilities", capabilities(false)},
            {"serverInfo", server_info()},
            {"instructions", instructions}};
}

json::object Conversation::discover() const {
    json::object out{{"supportedVersions", json::array{json::string(modern_version)}},
                     {"capabilities", capabilities(true)},
                     {"instructions", instructions},
                     {"_meta", json::object{{"io.modelcontextprotocol/serverInfo", server_info()}}}};
    constexpr int long_while = 60000;  // milliseconds
    return kept_for(long_while, std::move(out), true);
}

void Conversation::after_handshake(bool modern) {
    if (switches().need_roots) demand_roots(modern);
    if (!switches().die_after_handshake) return;
    const auto wait = std::chrono::duration<double>(*switches().die_after_handshake);
    timers().after(std::chrono::ceil<std::chrono::milliseconds>(wait), [&world = world_] { world.die(); });
}

void Conversation::demand_roots(bool modern) {
    const auto give_up = [&world = world_] {
        world.flush();
        std::fputs("Error: no allowed folders: the client offers no roots\n", stderr);
        world.die();
    };
    if (!client_has("roots")) give_up();
    if (modern) return;  // nothing can be asked there
    ask_one(*general_, {"roots", "roots/list", {}}, [give_up](const json::object& answer) {
        if (folders_in(answer).empty()) give_up();
    });
}

bool Conversation::client_has(std::string_view capability) const { return client_capabilities_.contains(capability); }

}  // namespace builtin
