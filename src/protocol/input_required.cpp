#include "protocol/input_required.hpp"

#include "protocol/field_reader.hpp"

namespace haive::mcp {

namespace {

constexpr std::size_t most_requests = 64;
constexpr std::size_t most_elicitations = 16;

bool read_request(FieldReader& in, std::string key, std::string_view raw, InputRequired& out) {
    InputRequest request;
    request.key = std::move(key);
    request.params = RawJson("{}");
    FieldReader member("InputRequest", raw);
    bool has_method = false;
    while (member.next()) {
        if (member.is("method")) {
            has_method = member.text(request.method);
        } else if (member.is("params")) {
            member.maybe_object(request.params);
        }
    }
    member.require(has_method, "method");
    if (member.failed()) return in.fail("`inputRequests`: " + member.error().message());
    out.requests.push_back(std::move(request));
    return true;
}

}  // namespace

std::string result_type(std::string_view raw_result) {
    JsonObjectSlices members(raw_result);
    std::string type = "complete";
    while (members.next()) {
        if (members.key() != "resultType") continue;
        if (!decode_json_string(members.value(), type)) type = "unreadable";
        break;
    }
    return type;
}

Result<InputRequired> parse_input_required(std::string_view raw_result) {
    InputRequired out;
    FieldReader in("InputRequiredResult", raw_result);
    while (in.next()) {
        if (in.is("inputRequests")) {
            if (json_type(in.value()) != JsonType::object) {
                in.wrong_type("an object");
                break;
            }
            JsonObjectSlices requests(in.value());
            while (requests.next()) {
                if (out.requests.size() == most_requests) {
                    in.fail("`inputRequests` asks for more than " + std::to_string(most_requests) + " things");
                    break;
                }
                if (!read_request(in, std::string(requests.key()), requests.value(), out)) break;
            }
        } else if (in.is("requestState")) {
            if (json_type(in.value()) != JsonType::string) {
                in.wrong_type("a string");
                break;
            }
            out.request_state = in.value();
        }
    }
    if (in.failed()) return in.error();
    return out;
}

std::string params_with_input(std::string_view params, const std::vector<std::pair<std::string, RawJson>>& responses,
                              std::string_view request_state) {
    std::string out = "{";
    const auto add = [&out](std::string_view key, std::string_view value) {
        if (out.size() > 1) out += ',';
        append_json_string(out, key);
        out += ':';
        out += value;
    };
    JsonObjectSlices members(params.empty() ? std::string_view("{}") : params);
    while (members.next()) {
        if (members.key() != "inputResponses" && members.key() != "requestState") add(members.key(), members.value());
    }
    if (!responses.empty()) {
        std::string all = "{";
        for (const auto& [key, result] : responses) {
            if (all.size() > 1) all += ',';
            append_json_string(all, key);
            all += ':';
            all += result.text();
        }
        add("inputResponses", all + '}');
    }
    if (!request_state.empty()) add("requestState", request_state);
    return out + '}';
}

std::vector<RawJson> required_elicitations(std::string_view rpc_data) {
    std::vector<RawJson> out;
    JsonObjectSlices members(rpc_data);
    while (members.next()) {
        if (members.key() != "elicitations") continue;
        JsonArraySlices list(members.value());
        while (list.next() && out.size() < most_elicitations) {
            if (json_type(list.value()) == JsonType::object) out.emplace_back(std::string(list.value()));
        }
        break;
    }
    return out;
}

}  // namespace haive::mcp
