#pragma once

#include "haive/mcp/protocol/caller.hpp"

#include <deque>
#include <vector>

namespace haive::mcp::testing {

/// Answers each request with the next line of its script, and keeps what it was asked.
class ScriptedCaller final : public Caller {
public:
    ScriptedCaller& answer(std::string result, Duration elapsed = Duration(1000)) {
        Reply reply;
        reply.result = RawJson(std::move(result));
        reply.elapsed = elapsed;
        script_.emplace_back(std::move(reply));
        return *this;
    }
    ScriptedCaller& refuse(int code, std::string text, std::string data = std::string()) {
        Error error(ErrorKind::rpc_error, "the server answered with an error", Disposition::executed);
        error.edit().rpc_code = code;
        error.edit().peer_text = std::move(text);
        error.edit().rpc_data = std::move(data);
        script_.emplace_back(std::move(error));
        return *this;
    }
    /// After the script: this, for ever.
    std::function<std::string(const Request&)> otherwise;

    Task<Result<Reply>> call(Request request) override {
        asked.push_back(std::move(request));
        if (script_.empty() && otherwise) answer(otherwise(asked.back()));
        if (script_.empty()) co_return Error(ErrorKind::not_connected, "the script is over");
        Result<Reply> next = std::move(script_.front());
        script_.pop_front();
        co_return next;
    }

    std::vector<Request> asked;

private:
    std::deque<Result<Reply>> script_;
};

/// Runs a task that never has to wait.
template <class T>
Result<T> run(Task<Result<T>> task) {
    auto state = std::make_shared<haive::mcp::detail::AsyncState<T>>(nullptr);
    haive::mcp::detail::run_into<T>(std::move(task), state);
    if (!state->is_done()) return Error(ErrorKind::deadline_exceeded, "the task waits for something");
    return std::move(state->result());
}

}  // namespace haive::mcp::testing
