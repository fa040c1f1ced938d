// `explain`: what state, since when, why, what was tried, what would mend it.
#include "cli/commands.hpp"
#include "cli/server_choice.hpp"
#include "haive/mcp/connection/connection.hpp"
#include "haive/mcp/jsonrpc/json_text.hpp"

#include <cstdio>

namespace haive::mcp::cli {

int explain_command(Context& context) {
    auto server = choose_server(context.run);
    if (server.has_error()) return fail(context, server.error());
    if (const int code = refuse_operands(context); code != exit_ok) return code;
    Connected connected(context, *server);
    auto client = context.interrupt.wait(connected.connection().connect());
    if (client) (void)context.interrupt.wait(connected.connection().health_check());
    const Explanation explanation = connected.connection().explain();
    if (context.run.json) {
        std::puts(to_text(explanation.to_json()).c_str());
    } else {
        std::fputs(explanation.to_string().c_str(), stdout);
    }
    if (client) return exit_ok;
    return exit_code_of(client.error().kind());
}

}  // namespace haive::mcp::cli
