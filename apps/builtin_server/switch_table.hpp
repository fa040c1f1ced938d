#pragma once

#include "switches.hpp"

#include <functional>
#include <vector>

namespace builtin {

enum class Wants { nothing, value, maybe_number };

/// One row of `--help`, and what it does.
struct Switch {
    const char* name;
    const char* value;  // how help calls what it wants, nullptr for nothing
    const char* help;
    std::function<void(Switches&, const char* value)> set;
    Wants wants;
};

[[nodiscard]] std::vector<Switch> switch_table();
/// The rows of the socket servers (http_switch_table.cpp).
void add_http_switches(std::vector<Switch>& table);

/// Says what is wrong with the command line, and ends the program with code 2.
[[noreturn]] void misuse(const char* name, const char* text);

}  // namespace builtin
