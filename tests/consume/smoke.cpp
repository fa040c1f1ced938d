// The package is found, its headers compile, its library links.
#include <haive/mcp/base/error.hpp>

#include <iostream>

int main() {
    std::cout << to_string(haive::mcp::ErrorKind::not_connected) << '\n';
    return to_string(haive::mcp::ErrorKind::not_connected) == "not_connected" ? 0 : 1;
}
