#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/config/config.hpp"

#include <functional>
#include <memory>
#include <string>

namespace haive::mcp {

class Runtime;

struct ConfigWatchOptions {
    /// A changed file is read when it has been left alone for so long; at the latest after ten times as long.
    Seconds settle{0.2};
    /// Between looks at the file (its time, inode and size) where the system does not tell of changes, and eight times
    /// as long where it does. Above zero.
    Seconds poll{1.0};
    /// Hand over the file as it is at the start, too. Without it the start is what later changes are compared with.
    bool initial = true;
};

/// Watches a configuration file and hands it over, parsed, each time its text has changed: edited in place, replaced
/// by a renamed one (as editors do), or through a symbolic link that was turned (as in containers).
///
/// The handler gets the configuration, or the error of a file that is broken or gone; the watch goes on, and what the
/// program already runs is the program's to keep. It runs on the runtime's loop and must not block; the file, at most
/// 16 MiB, is read there too. Changes of variables and of an `envFile` alone are not noticed: see `look_now`.
///
/// Threads: any. After the destructor has returned the handler is not called again; it waits for a call that is under
/// way, so do not hold a lock that the handler takes. The handler itself may destroy the watch.
class ConfigWatch {
public:
    using Handler = std::function<void(Result<Config> config)>;

    /// `runtime` null: the shared one. Throws std::invalid_argument for times that are negative or not finite.
    ConfigWatch(std::shared_ptr<Runtime> runtime, std::string file, Handler handler,
                ConfigWatchOptions options = ConfigWatchOptions());
    ~ConfigWatch();
    ConfigWatch(const ConfigWatch&) = delete;
    ConfigWatch& operator=(const ConfigWatch&) = delete;

    /// Reads the file again and hands it over even when its text is the same: for SIGHUP.
    void look_now();

private:
    class Core;
    std::shared_ptr<Core> core_;
};

}  // namespace haive::mcp
