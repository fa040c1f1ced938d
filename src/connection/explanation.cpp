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
    std::string out = server + ": " + status + " (" + phase + ") for " + seconds_text(in_phase_for) +
                      ", generation " + std::to_string(generation) + "\n";
    out += "  transport:  " + transport + "\n";
    for (std::size_t i = 0; i < causes.size(); ++i) {
        out += (i == 0 ? "  because:    " : "              ") + causes[i] + "\n";
    }
    out += "  health:     " + json::serialize(health) + "\n";
    out += "  evidence:   " + json::serialize(evidence) + "\n";
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
