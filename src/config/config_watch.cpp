#include "config/config_text.hpp"
#include "config/file_watch_plan.hpp"
#include "config/folder_notices.hpp"
#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/config/watch.hpp"
#include "haive/mcp/transport/runtime.hpp"

#include <atomic>
#include <cmath>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <sys/stat.h>
#include <utility>

namespace haive::mcp {

namespace {

FileIdentity identity_of(const std::string& file) {
    struct stat found{};
    if (::stat(file.c_str(), &found) != 0) return {};
    return {true, std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec,
            static_cast<std::uint64_t>(found.st_dev), static_cast<std::uint64_t>(found.st_ino),
            static_cast<std::uint64_t>(found.st_size)};
}

std::string folder_of(const std::string& file) {
    const auto folder = std::filesystem::path(file).parent_path();
    return folder.empty() ? "." : folder.string();
}

ConfigWatchOptions checked(ConfigWatchOptions options) {
    const auto require = [](bool holds, const char* what) {
        if (!holds) throw std::invalid_argument(std::string("haive::mcp: a configuration's watch: ") + what);
    };
    require(std::isfinite(options.settle.count()) && options.settle.count() >= 0, "settle must not be negative");
    require(std::isfinite(options.poll.count()) && options.poll.count() > 0, "poll must be above zero");
    return options;
}

}  // namespace

/// Looks at the file on the loop's thread. Everything but `stop` runs there.
class ConfigWatch::Core : public std::enable_shared_from_this<Core> {
public:
    Core(std::shared_ptr<Runtime> runtime, std::string file, Handler handler, ConfigWatchOptions options)
        : runtime_(std::move(runtime)),
          file_(std::move(file)),
          options_(options),
          handler_(std::move(handler)),
          timer_(runtime_->loop(), [this] { look(); }) {}

    [[nodiscard]] Loop& loop() { return runtime_->loop(); }

    void start() {
        if (stopped_) return;
        notices_ = watch_folder(loop(), folder_of(file_), [this] { look(); });
        const Duration poll = to_duration(notices_ ? options_.poll * 8 : options_.poll);
        // Its identity first: what is written while it is read is seen at the next look.
        plan_.emplace(identity_of(file_), to_duration(options_.settle), poll);
        timer_.arm(saturating_add(loop().now(), poll));
        read(options_.initial ? Say::always : Say::never);
    }
    void look() {
        if (stopped_ || !plan_) return;
        const auto step = plan_->looked(identity_of(file_), loop().now());
        timer_.arm(step.next);
        if (step.read) read(Say::changes);
    }
    void look_now() {
        if (!stopped_ && plan_) read(Say::always);
    }
    /// No call of the handler begins after it.
    void forbid_calls() {
        if (loop().on_loop_thread()) {
            stopped_ = true;
            return;
        }
        const std::lock_guard wait(calling_);
        stopped_ = true;
    }
    void close() {
        timer_.disarm();
        notices_.reset();
        handler_ = nullptr;
    }

private:
    enum class Say : std::uint8_t { never, changes, always };

    void read(Say say) {
        auto text = read_config_text(file_);
        // What cannot be read differs by its reason.
        std::string seen = text ? "+" + *text : "-" + text.error().message();
        const bool changed = seen != seen_;
        seen_ = std::move(seen);
        if (say == Say::never || (say == Say::changes && !changed)) return;
        const auto self = shared_from_this();  // the handler may end the watch
        const std::lock_guard calling(calling_);
        if (stopped_) return;
        const Handler handler = handler_;
        handler(text ? parse_config_text(*text, file_) : Result<Config>(text.error()));
    }

    std::shared_ptr<Runtime> runtime_;
    std::string file_;
    ConfigWatchOptions options_;
    Handler handler_;
    Timer timer_;
    std::unique_ptr<FolderNotices> notices_;
    std::optional<FileWatchPlan> plan_;
    std::string seen_;
    std::mutex calling_;
    std::atomic<bool> stopped_{false};
};

ConfigWatch::ConfigWatch(std::shared_ptr<Runtime> runtime, std::string file, Handler handler,
                         ConfigWatchOptions options)
    : core_(std::make_shared<Core>(runtime ? std::move(runtime) : Runtime::shared(), std::move(file),
                                   std::move(handler), checked(options))) {
    core_->loop().post([core = core_] { core->start(); });
}

ConfigWatch::~ConfigWatch() {
    core_->forbid_calls();
    core_->loop().post([core = core_] { core->close(); });
}

void ConfigWatch::look_now() {
    core_->loop().post([core = core_] { core->look_now(); });
}

}  // namespace haive::mcp
