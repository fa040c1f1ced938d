// A small MCP server over stdio, for demonstrations and for tests: correct by default, wrong by switch.
#include "faults.hpp"
#include "server.hpp"

int main(int argc, char** argv) {
    const builtin::Switches switches = builtin::parse_switches(argc, argv);
    builtin::prepare_process(switches);
    builtin::Server server(switches, argc, argv);
    return server.run();
}
