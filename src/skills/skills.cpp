#include "haive/mcp/skills/skills.hpp"

#include "skills/skill_bytes.hpp"
#include "skills/skill_entry.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace haive::mcp {

namespace {

constexpr int most_pages = 64;

const json::object* skills_capability(const MCPClient& client, json::value& keep) {
    const auto facts = client.facts();
    if (!facts || facts->capabilities.extensions.empty()) return nullptr;
    auto extensions = facts->capabilities.extensions.value();
    if (extensions.has_error() || !extensions->is_object()) return nullptr;
    keep = std::move(*extensions);
    const json::value* mine = keep.as_object().if_contains(SkillsClient::extension_id);
    return mine != nullptr ? mine->if_object() : nullptr;
}

Error not_offered(const char* what) {
    Error error(ErrorKind::capability_missing, std::string("the server does not offer ") + what);
    return error;
}

RawJson params_of(json::object params) { return RawJson(json::serialize(params)); }

Task<Result<std::vector<Skill>>> list_all(std::shared_ptr<MCPClient> client) {
    std::vector<Skill> out;
    std::string cursor;
    for (int page = 0; page < most_pages; ++page) {
        json::object params;
        if (!cursor.empty()) params["cursor"] = cursor;
        auto call = client->call("skills/list", params_of(std::move(params)));
        auto reply = co_await call.as_result();
        if (reply.has_error()) co_return reply.error();
        auto parsed = parse_skill_page(reply->result);
        if (parsed.has_error()) co_return parsed.error();
        for (Skill& skill : parsed->skills) {
            if (std::ranges::find(out, skill.uri, &Skill::uri) != out.end()) {
                co_return Error(ErrorKind::protocol_violation,
                                "the server lists " + skill.uri.substr(0, 200) + " twice", Disposition::executed);
            }
            out.push_back(std::move(skill));
        }
        if (parsed->next_cursor.empty() || parsed->next_cursor == cursor) break;
        cursor = std::move(parsed->next_cursor);
    }
    co_return out;
}

Task<Result<Skill>> get_one(std::shared_ptr<MCPClient> client, std::string uri) {
    json::object params;
    params["uri"] = uri;
    auto call = client->call("skills/get", params_of(std::move(params)));
    auto reply = co_await call.as_result();
    if (reply.has_error()) co_return reply.error();
    auto skill = parse_got_skill(reply->result);
    if (skill && skill->uri != uri) {
        co_return Error(ErrorKind::protocol_violation, "the server answered with another skill than " + uri,
                        Disposition::executed);
    }
    co_return skill;
}

Task<Result<SkillFile>> read_one(std::shared_ptr<MCPClient> client, Skill skill, std::string file) {
    auto entry = find_file(skill, file);
    if (entry.has_error()) co_return entry.error();
    auto call = client->read_resource(entry->uri);
    auto contents = co_await call.as_result();
    if (contents.has_error()) co_return contents.error();
    if (contents->contents.size() != 1) {
        co_return Error(ErrorKind::protocol_violation,
                        "reading " + entry->uri.substr(0, 200) + " gave " + std::to_string(contents->contents.size()) +
                            " contents, one was expected",
                        Disposition::executed);
    }
    auto bytes = bytes_of(contents->contents.front());
    if (bytes.has_error()) co_return bytes.error();
    const std::string digest = sha256_digest(*bytes);
    auto checked = check_file(skill, *entry, std::move(*bytes), digest);
    if (checked) checked->mime_type = contents->contents.front().mime_type;
    co_return checked;
}

Task<Result<std::vector<Resource>>> read_folder(std::shared_ptr<MCPClient> client, std::string uri) {
    std::vector<Resource> out;
    std::optional<std::string> cursor;
    for (int page = 0; page < most_pages; ++page) {
        json::object params;
        params["uri"] = uri;
        if (cursor) params["cursor"] = *cursor;
        auto call = client->call("resources/directory/read", params_of(std::move(params)));
        auto reply = co_await call.as_result();
        if (reply.has_error()) co_return reply.error();
        auto parsed = parse_list_resources_result(reply->result.text());
        if (parsed.has_error()) co_return parsed.error();
        std::ranges::move(parsed->resources, std::back_inserter(out));
        if (!parsed->next_cursor || parsed->next_cursor == cursor) break;
        cursor = std::move(parsed->next_cursor);
    }
    co_return out;
}

template <class T>
Task<Result<T>> failed(Error error) {
    co_return error;
}

}  // namespace

SkillsClient::SkillsClient(std::shared_ptr<MCPClient> client) : client_(std::move(client)) {}

bool SkillsClient::supported() const {
    json::value keep;
    return skills_capability(*client_, keep) != nullptr;
}

bool SkillsClient::reads_directories() const {
    json::value keep;
    const json::object* mine = skills_capability(*client_, keep);
    const json::value* reads = mine != nullptr ? mine->if_contains("directoryRead") : nullptr;
    return reads != nullptr && reads->is_bool() && reads->as_bool();
}

Async<std::vector<Skill>> SkillsClient::list() {
    if (!supported())
        return start<std::vector<Skill>>(client_->runtime()->loop(), failed<std::vector<Skill>>(not_offered("skills")));
    return start<std::vector<Skill>>(client_->runtime()->loop(), list_all(client_));
}

Async<Skill> SkillsClient::get(std::string uri) {
    if (!supported()) return start<Skill>(client_->runtime()->loop(), failed<Skill>(not_offered("skills")));
    return start<Skill>(client_->runtime()->loop(), get_one(client_, std::move(uri)));
}

Async<SkillFile> SkillsClient::read(Skill skill, std::string file) {
    return start<SkillFile>(client_->runtime()->loop(), read_one(client_, std::move(skill), std::move(file)));
}

Async<std::vector<Resource>> SkillsClient::read_directory(std::string uri) {
    if (!reads_directories()) {
        return start<std::vector<Resource>>(client_->runtime()->loop(),
                                            failed<std::vector<Resource>>(not_offered("resources/directory/read")));
    }
    return start<std::vector<Resource>>(client_->runtime()->loop(), read_folder(client_, std::move(uri)));
}

}  // namespace haive::mcp
