#pragma once

#include "switches.hpp"

namespace builtin {

/// Whether any switch asks to listen instead of using stdin and stdout.
[[nodiscard]] bool wants_sockets(const Switches& switches);

/// Many clients over the sockets that the switches ask for, until SIGTERM, SIGINT or (--until-eof) the end of stdin.
/// Prints one line `listening on URL` for each on stdout once all listen. Gives the exit code.
[[nodiscard]] int serve_sockets(const Switches& switches, int argc, char** argv);

}  // namespace builtin
