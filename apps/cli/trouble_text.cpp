#include "cli/trouble_text.hpp"

#include "cli/terminal.hpp"
#include "haive/mcp/exporters/redaction.hpp"
#include "haive/mcp/transport/transport.hpp"

#include <string_view>

namespace haive::mcp::cli {

namespace {

std::string last_line(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n");
    if (end == std::string_view::npos) return {};
    text = text.substr(0, end + 1);
    return std::string(text.substr(text.rfind('\n') + 1));
}

void drop_start(std::string& text, const std::string& start) {
    if (text.starts_with(start)) text.erase(0, start.size());
}

}  // namespace

std::string trouble_text(const ConnectionInfo& info) {
    std::string out = info.last_error.value_or("");
    drop_start(out, "server '" + info.name + "': ");
    if (info.transport) drop_start(out, "connect to " + info.transport->describe() + ": ");
    for (const char* method : {"server/discover: ", "initialize: "}) drop_start(out, method);
    out = first_line(out);
    // `the server process 4711 ended with exit code 1`: what it wrote last says more than its number.
    constexpr std::string_view process = "the server process ";
    const std::size_t ended = out.find(" ended with ");
    const auto* tail = info.metadata.if_contains("stderr_tail");
    if (out.starts_with(process) && ended != std::string::npos && tail != nullptr && tail->is_string()) {
        const std::string words = last_line(tail->get_string());
        if (!words.empty()) out = out.substr(ended + 1) + ": " + redacted(words);
    }
    return out;
}

bool is_unusable(const UpstreamInfo& info) { return info.connection.metadata.contains("unusable"); }

}  // namespace haive::mcp::cli
