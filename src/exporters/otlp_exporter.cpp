#include "haive/mcp/exporters/otlp_exporter.hpp"

#include "exporters/otlp_json.hpp"
#include "exporters/otlp_target.hpp"
#include "haive/mcp/base/clock.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace haive::mcp {

namespace {
constexpr std::size_t most_in_one = 512;  // spans of one request
}  // namespace

struct OtlpExporter::Impl {
    OtlpOptions options;
    std::shared_ptr<const Metrics> metrics;
    std::unique_ptr<OtlpTarget> target;
    WallTime began = wall_clock_now();
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<OtlpSpan> queue;
    Counts counts;
    bool asked = false;
    bool over = false;
    std::mutex finishing;  // by several threads: all return when it is done
    std::thread thread;

    void run() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        std::unique_lock lock(mutex);
        for (;;) {
            changed.wait_for(lock, options.interval, [this] { return over || asked; });
            asked = false;
            std::vector<OtlpSpan> spans;
            spans.swap(queue);
            const bool last = over;
            lock.unlock();
            export_now(spans, last);
            if (last) return;
            lock.lock();
        }
    }
    void export_now(std::span<const OtlpSpan> spans, bool last) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        Counts news;
        while (!spans.empty()) {
            const auto some = spans.first(std::min(spans.size(), most_in_one));
            spans = spans.subspan(some.size());
            // One that does not get through is not tried again: what comes next matters more than what was.
            const bool hopeless = news.failures > 0 && (last || std::chrono::steady_clock::now() > deadline);
            if (!hopeless && target->put("/v1/traces", otlp_traces(some, options.service_name))) {
                news.exported += some.size();
            } else {
                news.dropped += some.size();
                ++news.failures;
            }
        }
        if (metrics && !(last && news.failures > 0)) {
            const std::string body = otlp_metrics(*metrics, options.service_name, began, wall_clock_now());
            if (!target->put("/v1/metrics", body)) ++news.failures;
        }
        std::lock_guard lock(mutex);
        counts.exported += news.exported;
        counts.dropped += news.dropped;
        counts.failures += news.failures;
    }
};

OtlpExporter::OtlpExporter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::shared_ptr<OtlpExporter>> OtlpExporter::open(OtlpOptions options, std::shared_ptr<const Metrics> metrics) {
    auto target = open_otlp_target(options);
    if (target.has_error()) return target.error();
    auto impl = std::make_unique<Impl>();
    options.interval = std::max(options.interval, Seconds(0.01));
    impl->options = std::move(options);
    impl->metrics = std::move(metrics);
    impl->target = std::move(*target);
    impl->thread = std::thread([raw = impl.get()] { raw->run(); });
    return std::shared_ptr<OtlpExporter>(new OtlpExporter(std::move(impl)));
}

OtlpExporter::~OtlpExporter() { finish(); }

void OtlpExporter::finish() {
    const std::lock_guard once(impl_->finishing);
    {
        std::lock_guard lock(impl_->mutex);
        impl_->over = true;
    }
    impl_->changed.notify_all();
    if (impl_->thread.joinable()) impl_->thread.join();
}

void OtlpExporter::on_call(const CallRecord& record) noexcept {
    if (!record.trace.sampled) return;
    OtlpSpan span = otlp_span(record);
    std::lock_guard lock(impl_->mutex);
    if (impl_->queue.size() >= impl_->options.queue) {
        ++impl_->counts.dropped;
        return;
    }
    impl_->queue.push_back(std::move(span));
    if (impl_->queue.size() < most_in_one || impl_->asked) return;
    impl_->asked = true;
    impl_->changed.notify_one();
}

void OtlpExporter::flush() {
    {
        std::lock_guard lock(impl_->mutex);
        impl_->asked = true;
    }
    impl_->changed.notify_one();
}

OtlpExporter::Counts OtlpExporter::counts() const {
    std::lock_guard lock(impl_->mutex);
    return impl_->counts;
}

}  // namespace haive::mcp
