#include "fast_echo.hpp"

namespace builtin {

bool answer_echo(std::string_view line, std::string& out) {
    constexpr std::string_view start = R"({"jsonrpc":"2.0","id":)";
    constexpr std::string_view method = R"(,"method":"tools/call","params":{)";
    constexpr std::string_view call = R"("name":"echo","arguments":{"text":")";
    constexpr std::string_view modern = R"("_meta":{"io.modelcontextprotocol/protocolVersion")";
    constexpr std::string_view end = R"("}}})";
    if (!line.starts_with(start) || !line.ends_with(end)) return false;
    std::size_t at = start.size();
    while (at < line.size() && line[at] >= '0' && line[at] <= '9') ++at;
    const std::string_view id = line.substr(start.size(), at - start.size());
    if (id.empty() || !line.substr(at).starts_with(method)) return false;
    const std::string_view params = line.substr(at + method.size());
    const std::size_t where = params.find(call);
    if (where == std::string_view::npos) return false;
    std::string_view text = params.substr(where + call.size());
    text.remove_suffix(end.size());
    if (text.find_first_of("\"\\") != std::string_view::npos) return false;
    out += start;
    out += id;
    out += params.starts_with(modern) ? R"(,"result":{"resultType":"complete","content":[{"type":"text","text":")"
                                      : R"(,"result":{"content":[{"type":"text","text":")";
    out += text;
    out += "\"}]}}\n";
    return true;
}

}  // namespace builtin
