#include "server.hpp"

#include "faults.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace builtin {

namespace {

json::value parse(std::string_view line, boost::system::error_code& error) {
    json::parse_options options;
    options.max_depth = 128;
    return json::parse(line, error, {}, options);
}

bool is_id(const json::value& id) { return id.is_string() || id.is_int64() || id.is_uint64(); }

}  // namespace

Server::Server(const Switches& switches, int argc, char** argv)
    : switches_(switches),
      argv_(argv, argv + argc),
      out_(switches_),
      replies_(switches_, out_),
      ledger_(switches.ledger),
      folders_(switches.folders) {
    if (switches.hang_at_start) replies_.fall_silent();
    for (int i = 0; i < switches.junk_start; ++i) out_.raw("Starting up... (this line is no message)\n");
}

int Server::run() {
    const auto each_line = [this](std::string_view line) { on_line(line); };
    for (;;) {
        while (!queue_.empty() && running_.empty()) {
            json::object next = std::move(queue_.front());
            queue_.pop_front();
            take(std::move(next));
        }
        out_.flush();
        pollfd in{reading_ ? STDIN_FILENO : -1, POLLIN, 0};
        if (poll(&in, 1, timers_.wait_ms()) < 0 && errno != EINTR) return 1;
        timers_.run_due();
        if (in.revents == 0 || !reading_) continue;
        if (in_.read(each_line) == Input::Got::end) {
            out_.flush();
            if (!switches_.ignore_eof) return 0;
            reading_ = false;
        }
    }
}

void Server::on_line(std::string_view line) {
    if (replies_.silent() || !reading_ || line.find_first_not_of(" \t") == std::string_view::npos) return;
    const bool plain = switches_.calls_are_plain();
    if (plain && fast_.answer(line, out_.buffer())) return;
    boost::system::error_code error;
    json::value parsed = parse(line, error);
    if (error) return replies_.refuse(nullptr, {-32700, "this is not JSON: " + error.message()});
    if (!parsed.is_object()) return replies_.refuse(nullptr, {-32600, "a message must be an object"});
    const int before = answered_;
    on_message(std::move(parsed.get_object()));
    if (plain && answered_ != before) fast_.learn(line, last_was_modern_);
}

/// With --serial, requests wait for the call before them; what the call itself may wait for does not.
void Server::on_message(json::object message) {
    const bool request = message.contains("method") && message.contains("id");
    if (switches_.serial && request && (!running_.empty() || !queue_.empty())) {
        queue_.push_back(std::move(message));
    } else {
        take(std::move(message));
    }
}

void Server::take(json::object message) {
    const auto* method = message.if_contains("method");
    const auto* id = message.if_contains("id");
    const auto* version = message.if_contains("jsonrpc");
    const json::value shown_id = id != nullptr && is_id(*id) ? *id : json::value();
    const auto invalid = [&](const char* why) { replies_.refuse(shown_id, {-32600, why}); };
    if (version == nullptr || !version->is_string() || version->get_string() != "2.0")
        return invalid("`jsonrpc` must be \"2.0\"");
    if (method == nullptr) {
        if (!message.contains("result") && !message.contains("error")) return invalid("this is no message");
        return on_answer(message);
    }
    if (!method->is_string()) return invalid("`method` must be a string");
    if (id == nullptr) return on_notification(std::string(method->get_string()), object_in(message, "params"));
    if (!is_id(*id)) return invalid("`id` must be a string or an integer");
    try {
        const auto* params = message.if_contains("params");
        if (params != nullptr && !params->is_object()) throw Refusal{-32602, "`params` must be an object"};
        Request request{*id, std::string(method->get_string()), object_in(message, "params")};
        request.modern = speaks_modern(request.method, request.params);
        last_was_modern_ = request.modern;
        on_request(request);
    } catch (const Refusal& refusal) {
        replies_.refuse(*id, refusal);
    } catch (const std::exception& e) {
        replies_.refuse(*id, {-32603, std::string("this server failed: ") + e.what()});
    }
}

void Server::on_notification(const std::string& method, const json::object& params) {
    if (method == "notifications/initialized") {
        after_handshake(false);
    } else if (method == "notifications/cancelled") {
        if (const auto* id = params.if_contains("requestId")) cancel(*id);
    } else if (method == "notifications/roots/list_changed") {
        folders_ = switches_.folders;
    }
}

void Server::on_answer(const json::object& message) {
    const auto* id = message.if_contains("id");
    if (id == nullptr || !id->is_string()) return;
    auto node = asked_.extract(std::string(id->get_string()));
    if (!node.empty()) node.mapped()(message);
}

void Server::cancel(const json::value& id) {
    const std::string key = json::serialize(id);
    listeners_.erase(key);
    std::erase_if(queue_, [&](const json::object& message) { return message.at("id") == id; });
    if (auto call = running_.extract(key); !call.empty()) call.mapped()->cancelled = true;
}

}  // namespace builtin
