#pragma once

namespace builtin {

// Processes that this server leaves about. Each says its pid on stderr, only sleeps, and ends after `life`
// seconds at the latest.

/// Sets this process's end, whatever happens to it.
void limit_life(double seconds);
/// In our process group, holding our pipes.
void spawn_child(double life);
/// Out of the group and the session, and no child of ours: what daemons do, and browsers.
void spawn_escaped(double life);
/// A child of ours whose own child has died and is never reaped.
void spawn_zombie(double life);

}  // namespace builtin
