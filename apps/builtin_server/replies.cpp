#include "replies.hpp"

#include <boost/json/serialize.hpp>

namespace builtin {

json::value Replies::id_of(const json::value& id) const {
    if (switches_.string_ids && id.is_number()) return json::string(json::serialize(id));
    return id;
}

void Replies::answer(Outlet& to, const json::value& id, json::object result, bool modern) {
    if (silent_) return;
    if (modern && !result.contains("resultType")) result["resultType"] = "complete";
    std::string text =
        json::serialize(json::object{{"jsonrpc", "2.0"}, {"id", id_of(id)}, {"result", std::move(result)}});
    if (switches_.bad_utf8) {
        constexpr std::string_view before = R"("text":")";
        const std::size_t at = text.find(before);
        if (at != std::string::npos) text.insert(at + before.size(), "\xff\xfe\xc3");
    }
    to.answer(text, 0);
}

void Replies::refuse(Outlet& to, const json::value& id, const Refusal& refusal) {
    if (silent_ || refusal.code == no_answer) return;
    json::object error{{"code", refusal.code}, {"message", refusal.message}};
    if (!refusal.data.empty()) error["data"] = refusal.data;
    const json::value shown = switches_.id_null_errors ? json::value() : id_of(id);
    to.answer(json::serialize(json::object{{"jsonrpc", "2.0"}, {"id", shown}, {"error", std::move(error)}}),
              refusal.code);
}

void Replies::notify(Outlet& to, std::string_view method, json::object params) {
    if (silent_) return;
    json::object message{{"jsonrpc", "2.0"}, {"method", method}};
    if (!params.empty()) message["params"] = std::move(params);
    to.line(json::serialize(message));
}

void Replies::ask(Outlet& to, const json::value& id, std::string_view method, json::object params) {
    if (silent_) return;
    json::object message{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}};
    if (!params.empty()) message["params"] = std::move(params);
    to.line(json::serialize(message));
}

}  // namespace builtin
