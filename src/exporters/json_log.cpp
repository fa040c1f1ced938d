#include "haive/mcp/exporters/json_log.hpp"

#include "haive/mcp/exporters/redaction.hpp"

#include <boost/json/serialize.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <unistd.h>

namespace haive::mcp {

namespace {

/// What is counted and not told one by one.
struct Quiet {
    std::uint64_t probes = 0;
    std::uint64_t oddities = 0;
    std::uint64_t steps = 0;
    [[nodiscard]] bool any() const noexcept { return probes + oddities + steps > 0; }
};

bool is_quiet(const Event& event) {
    if (const auto* oddity = std::get_if<OddityEvent>(&event.what)) return !is_own_kind(oddity->kind);
    if (const auto* health = std::get_if<HealthEvent>(&event.what)) return health->outcome == "ok";
    if (const auto* status = std::get_if<StatusEvent>(&event.what)) return status->from == status->to;
    return false;
}

class JsonLog final : public EventSink {
public:
    explicit JsonLog(std::shared_ptr<spdlog::sinks::sink> sink) : log_("haive-mcp", std::move(sink)) {
        log_.set_pattern("%v");
        log_.flush_on(spdlog::level::info);
        log_.set_error_handler([](const std::string&) {});  // a full disk is not a reason to fail a connection
    }
    void on_event(const Event& event) noexcept override {
        std::lock_guard lock(mutex_);
        if (is_quiet(event)) {
            count(event);
            return;
        }
        boost::json::object line = redacted_json(event);
        if (const auto found = quiet_.find(event.server); found != quiet_.end() && found->second.any()) {
            Quiet& q = found->second;
            line["meanwhile"] = boost::json::object{{"probes", q.probes}, {"oddities", q.oddities}, {"steps", q.steps}};
            q = Quiet();
        }
        log_.info(spdlog::string_view_t(boost::json::serialize(line)));
    }

private:
    void count(const Event& event) {
        auto found = quiet_.find(event.server);
        if (found == quiet_.end()) {
            if (quiet_.size() >= most_servers) return;
            found = quiet_.emplace(std::string(event.server), Quiet()).first;
        }
        Quiet& q = found->second;
        if (std::holds_alternative<OddityEvent>(event.what)) {
            ++q.oddities;
        } else {
            ++(std::holds_alternative<HealthEvent>(event.what) ? q.probes : q.steps);
        }
    }

    static constexpr std::size_t most_servers = 20'000;
    std::mutex mutex_;
    spdlog::logger log_;
    std::map<std::string, Quiet, std::less<>> quiet_;
};

}  // namespace

namespace {

/// Makes a file of the log its owner's only. False, with errno, when it cannot be written to.
bool make_private(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && ::close(fd) == 0;
}

Error refusal(const std::string& path, const std::string& why) {
    Error error(ErrorKind::invalid_config, "the log cannot be written to '" + path + "': " + why);
    error.set_mend("give a file in a folder that can be written to");
    return error;
}

}  // namespace

std::string json_log_line(const Event& event) {
    return is_quiet(event) ? std::string() : boost::json::serialize(redacted_json(event));
}

Result<std::shared_ptr<EventSink>> open_json_log(const JsonLogOptions& options) {
    // Here rather than by spdlog, which would make the folders above it too.
    if (!make_private(options.path)) return refusal(options.path, std::strerror(errno));
    try {
        spdlog::file_event_handlers files;
        files.before_open = [](const spdlog::filename_t& path) { (void)make_private(path); };  // after a rotation
        auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.path, options.most_bytes,
                                                                           options.files, false, files);
        return std::shared_ptr<EventSink>(std::make_shared<JsonLog>(std::move(sink)));
    } catch (const std::exception& thrown) {
        return refusal(options.path, thrown.what());
    }
}

}  // namespace haive::mcp
