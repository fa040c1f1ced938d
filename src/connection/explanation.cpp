#include "haive/mcp/connection/explanation.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <cstdio>

namespace haive::mcp {

namespace json = boost::json;

namespace {

std::string seconds_text(double s) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), s < 10 ? "%.1f s" : "%.0f s", s);
    return text.data();
}

std::string number_text(const json::value& value, const char* format) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), format, value.is_number() ? value.to_number<double>() : 0.0);
    return text.data();
}

/// `score 0.56, limited by liveness (liveness 0.56, churn 0.90)`: only the factors that say something.
std::string health_text(const json::object& health) {
    if (!health.contains("score")) return "unknown";
    std::string out = "score " + number_text(health.at("score"), "%.2f");
    const std::string_view limiting = health.at("limiting_factor").as_string();
    if (limiting != "none") out += ", limited by " + std::string(limiting);
    std::string low;
    for (const auto& [name, value] : health.at("factors").as_object()) {
        if (value.to_number<double>() >= 1) continue;
        low += (low.empty() ? "" : ", ") + std::string(name) + " " + number_text(value, "%.2f");
    }
    if (!low.empty()) out += " (" + low + ")";
    if (const auto* rtt = health.if_contains("round_trip"); rtt != nullptr && rtt->is_number()) {
        out += ", round trip " + number_text(rtt->to_number<double>() * 1000, "%.3g") + " ms";
    }
    return out;
}

/// `pid 12, protocol_version 2026-07-28, ...`, objects as their members.
std::string evidence_text(const json::object& evidence) {
    std::string out;
    for (const auto& [name, value] : evidence) {
        if (!out.empty()) out += ", ";
        out += std::string(name) + " ";
        if (value.is_object()) {
            std::string members;
            for (const auto& [key, member] : value.get_object()) {
                if (member.is_string()) members += (members.empty() ? "" : " ") + std::string(member.get_string());
            }
            out += members;
        } else {
            out += value.is_string() ? std::string(value.get_string()) : json::serialize(value);
        }
    }
    return out.empty() ? "none yet" : out;
}

std::string indented(const std::string& text) {
    std::string out = "    ";
    for (const char c : text) {
        out += c;
        if (c == '\n') out += "    ";
    }
    return out;
}

}  // namespace

std::string Explanation::to_string() const {
    std::string out = server + ": " + status + " (" + phase + ") for " + seconds_text(in_phase_for) + ", generation " +
                      std::to_string(generation) + "\n";
    out += "  transport:  " + transport + "\n";
    for (std::size_t i = 0; i < causes.size(); ++i) {
        out += (i == 0 ? "  because:    " : "              ") + causes[i] + "\n";
    }
    out += "  health:     " + health_text(health) + "\n";
    out += "  evidence:   " + evidence_text(evidence) + "\n";
    if (attempts > 0) out += "  attempts:   " + std::to_string(attempts) + " in this outage\n";
    out += "  next:       " + next;
    if (next_attempt_in) out += ", in " + seconds_text(*next_attempt_in);
    out += "\n";
    if (!mend.empty()) out += "  mend:       " + mend + "\n";
    if (!transitions.empty()) out += "  history:\n";
    for (const Transition& t : transitions) {
        out += "    " + seconds_text(t.seconds_ago) + " ago  " + t.from + " -> " + t.to;
        if (!t.reason.empty()) out += "  (" + t.reason + ")";
        out += "\n";
    }
    if (!stderr_tail.empty()) out += "  last stderr:\n" + indented(stderr_tail) + "\n";
    return out;
}

json::object Explanation::to_json() const {
    json::object out;
    out["server"] = server;
    out["transport"] = transport;
    out["status"] = status;
    out["phase"] = phase;
    out["in_phase_for"] = in_phase_for;
    out["generation"] = generation;
    out["causes"] = json::array(causes.begin(), causes.end());
    json::array history;
    for (const Transition& t : transitions) {
        json::object one;
        one["seconds_ago"] = t.seconds_ago;
        one["from"] = t.from;
        one["to"] = t.to;
        one["reason"] = t.reason;
        history.push_back(std::move(one));
    }
    out["transitions"] = std::move(history);
    out["health"] = health;
    out["evidence"] = evidence;
    out["stderr_tail"] = stderr_tail;
    out["attempts"] = attempts;
    out["next_attempt_in"] = next_attempt_in ? json::value(*next_attempt_in) : json::value(nullptr);
    out["next"] = next;
    out["mend"] = mend;
    return out;
}

}  // namespace haive::mcp
