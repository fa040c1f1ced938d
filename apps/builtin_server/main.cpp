// A small MCP server for demonstrations and for tests: correct by default, wrong by switch.
#include "faults.hpp"
#include "socket_server.hpp"
#include "stdio_server.hpp"

int main(int argc, char** argv) {
    const builtin::Switches switches = builtin::parse_switches(argc, argv);
    builtin::prepare_process(switches);
    if (builtin::wants_sockets(switches)) return builtin::serve_sockets(switches, argc, argv);
    return builtin::serve_stdio(switches, argc, argv);
}
