#pragma once

#include "switches.hpp"

namespace builtin {

/// One client over stdin and stdout, until the input ends. Gives the exit code.
[[nodiscard]] int serve_stdio(const Switches& switches, int argc, char** argv);

}  // namespace builtin
