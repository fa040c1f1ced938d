// Every parser of a server's result on hostile JSON: a value or an error, never a crash.
#include "haive/mcp/protocol/completion.hpp"
#include "haive/mcp/protocol/lifecycle.hpp"
#include "haive/mcp/protocol/logging.hpp"
#include "haive/mcp/protocol/prompts.hpp"
#include "haive/mcp/protocol/resources.hpp"
#include "haive/mcp/protocol/tools.hpp"

#include <cstdint>
#include <string_view>

using namespace haive::mcp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)parse_list_tools_result(text);
    (void)parse_call_tool_result(text);
    (void)parse_list_resources_result(text);
    (void)parse_read_resource_result(text);
    (void)parse_list_prompts_result(text);
    (void)parse_get_prompt_result(text);
    (void)parse_complete_result(text);
    (void)parse_initialize_result(text);
    (void)parse_discover_result(text);
    (void)parse_logging_message(text);
    return 0;
}
