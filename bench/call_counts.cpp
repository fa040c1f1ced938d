#include "call_counts.hpp"

namespace haive::bench {

using namespace haive::mcp;

void CallCounts::echo(MCPClient& client, const std::string& text) { call(client, "echo", {{"text", text}}, text); }

void CallCounts::sleep(MCPClient& client, std::chrono::milliseconds time) {
    call(client, "sleep", {{"ms", time.count()}}, std::nullopt);
}

void CallCounts::call(MCPClient& client, const char* tool, json::object arguments, std::optional<std::string> text) {
    ++made_;
    client.call_tool(tool, std::move(arguments))
        .then([this, text = std::move(text)](const Result<CallToolResult>& result) { end(result, text); });
}

void CallCounts::end(const Result<CallToolResult>& result, const std::optional<std::string>& text) {
    if (!result.has_error()) {
        ++(!text || result->text() == *text ? answered_ : wrong_);
        return;
    }
    const Error& error = result.error();
    {
        const std::lock_guard hold(mutex_);
        ++verdicts_[std::string(to_string(error.disposition())) + "/" + std::string(to_string(error.kind()))];
    }
    ++failed_;
}

std::map<std::string, std::uint64_t> CallCounts::verdicts() const {
    const std::lock_guard hold(mutex_);
    return verdicts_;
}

}  // namespace haive::bench
