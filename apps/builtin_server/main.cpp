// A small MCP server for demonstrations and for tests: correct by default, wrong by switch.
#include "faults.hpp"
#include "stdio_server.hpp"

int main(int argc, char** argv) {
    const builtin::Switches switches = builtin::parse_switches(argc, argv);
    builtin::prepare_process(switches);
    return builtin::serve_stdio(switches, argc, argv);
}
