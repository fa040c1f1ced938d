#include "cli/observing.hpp"

#include "haive/mcp/exporters/flight_recorder.hpp"
#include "haive/mcp/exporters/json_log.hpp"
#include "haive/mcp/exporters/metrics_endpoint.hpp"
#include "haive/mcp/exporters/otlp_exporter.hpp"
#include "haive/mcp/jsonrpc/json_text.hpp"
#include "haive/mcp/observe/fan_out.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace haive::mcp::cli {

namespace {

/// Writes beside the file and moves it there: a reader sees the old record or the new one, and only its owner may.
bool write_whole(const std::string& path, const std::string& text) {
    const std::string beside = path + ".part";
    const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t n = ::write(fd, text.data() + written, text.size() - written);
        if (n < 0 && errno != EINTR) break;
        if (n > 0) written += static_cast<std::size_t>(n);
    }
    const bool closed = ::close(fd) == 0;
    return written == text.size() && closed && std::rename(beside.c_str(), path.c_str()) == 0;
}

/// The standard variable: `name=value,name=value`.
std::vector<std::pair<std::string, std::string>> headers_of_environment() {
    std::vector<std::pair<std::string, std::string>> out;
    const char* given = std::getenv("OTEL_EXPORTER_OTLP_HEADERS");
    std::string_view rest = given != nullptr ? given : "";
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(','));
        const std::size_t equals = one.find('=');
        if (equals != std::string_view::npos) out.emplace_back(one.substr(0, equals), one.substr(equals + 1));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    }
    return out;
}

}  // namespace

Observing::Observing(const Invocation& run, Interrupt& interrupt) : run_(run), interrupt_(interrupt) {}

Observing::~Observing() { interrupt_.on_user_signal(nullptr); }

Result<void> Observing::begin(RuntimeParts& parts, std::shared_ptr<EventSink> log) {
    std::vector<std::shared_ptr<EventSink>> sinks{std::move(log)};
    std::vector<std::shared_ptr<CallObserver>> observers;
    if (run_.metrics || run_.otlp) metrics_ = std::make_shared<Metrics>();
    if (run_.otlp) {
        if (auto opened = open_otlp(); opened.has_error()) return opened;
        observers.push_back(otlp_);
    }
    if (run_.log_file) {
        JsonLogOptions options;
        options.path = *run_.log_file;
        auto opened = open_json_log(options);
        if (opened.has_error()) return opened.error();
        sinks.push_back(std::move(*opened));
    }
    if (run_.record) {
        recorder_ = std::make_shared<FlightRecorder>();
        sinks.push_back(recorder_);
        observers.push_back(recorder_);
    }
    parts.metrics = metrics_;
    parts.events = sinks.size() == 1 ? sinks.front() : std::make_shared<EventFan>(std::move(sinks));
    if (!observers.empty()) parts.calls = std::make_shared<CallFan>(std::move(observers));
    if (run_.metrics) {
        auto endpoint = MetricsEndpoint::listen(*run_.metrics, metrics_);
        if (endpoint.has_error()) return endpoint.error();
        endpoint_ = std::move(*endpoint);
        if (!run_.quiet) std::fprintf(stderr, "haive-mcp: metrics at %s\n", endpoint_->url().c_str());
    }
    if (run_.record) {
        if (!write_record()) {  // now rather than after an hour
            Error error(ErrorKind::invalid_config,
                        "the record cannot be written to '" + *run_.record + "': " + std::strerror(errno));
            error.set_mend("give --record a file in a folder that can be written to");
            return error;
        }
        interrupt_.on_user_signal([this] { (void)write_record(); });
    }
    return {};
}

Result<void> Observing::open_otlp() {
    OtlpOptions options;
    options.target = *run_.otlp;
    options.headers = headers_of_environment();
    auto opened = OtlpExporter::open(std::move(options), metrics_);
    if (opened.has_error()) return opened.error();
    otlp_ = std::move(*opened);
    return {};
}

bool Observing::finish() {
    endpoint_.reset();
    if (otlp_) {
        otlp_->finish();
        const auto counts = otlp_->counts();
        if (counts.failures > 0) {
            std::fprintf(stderr, "haive-mcp: %llu exports did not get through, %llu spans were lost\n",
                         static_cast<unsigned long long>(counts.failures),
                         static_cast<unsigned long long>(counts.dropped));
        }
    }
    if (!recorder_ || write_record()) return true;
    std::fprintf(stderr, "haive-mcp: the record cannot be written to '%s': %s\n", run_.record->c_str(),
                 std::strerror(errno));
    return false;
}

bool Observing::write_record() const { return write_whole(*run_.record, to_text(recorder_->dump()) + '\n'); }

}  // namespace haive::mcp::cli
