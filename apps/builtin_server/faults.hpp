#pragma once

#include "switches.hpp"

namespace builtin {

/// Ends this process as the switches say: by a signal or with an exit code.
[[noreturn]] void die(const Switches& switches);
/// Writes `bytes` to stderr, in lines.
void flood_stderr(long bytes);
/// Everything that is set before the first byte is read: signals, life span, children, noise.
void prepare_process(const Switches& switches);

}  // namespace builtin
