#include "haive/mcp/observe/event_json.hpp"

#include "observe/time_text.hpp"

namespace haive::mcp {

namespace {

namespace json = boost::json;

struct Fields {
    json::object& out;

    void operator()(const StatusEvent& e) const {
        out["event"] = "status";
        out["from"] = e.from;
        out["to"] = e.to;
        out["phase"] = e.phase;
        out["generation"] = e.generation;
        if (e.pid != 0) out["pid"] = e.pid;
        out["reason"] = e.reason;
        out["attempt"] = e.attempt;
        if (e.next_attempt_in) {
            out["next_attempt_in"] = *e.next_attempt_in;
        } else {
            out["next_attempt_in"] = nullptr;
        }
    }
    void operator()(const HealthEvent& e) const {
        out["event"] = "health";
        out["outcome"] = e.outcome;
        out["score"] = e.score;
        out["limiting_factor"] = e.limiting_factor;
        if (e.rtt) out["rtt"] = *e.rtt;
        out["generation"] = e.generation;
    }
    void operator()(const CatalogueEvent& e) const {
        out["event"] = std::string(e.what) + "_changed";
        out["generation"] = e.generation;
    }
    void operator()(const SessionReplacedEvent& e) const {
        out["event"] = "session_replaced";
        out["generation"] = e.generation;
    }
    void operator()(const ServerRequestEvent& e) const {
        out["event"] = "server_request";
        out["method"] = e.method;
        out["generation"] = e.generation;
    }
    void operator()(const OddityEvent& e) const {
        out["event"] = "oddity";
        out["kind"] = e.kind;
        out["text"] = e.text;
    }
};

}  // namespace

json::object to_json(const Event& event) {
    json::object out;
    out["time"] = rfc3339(event.wall_time);
    out["server"] = event.server;
    std::visit(Fields{out}, event.what);
    return out;
}

}  // namespace haive::mcp
