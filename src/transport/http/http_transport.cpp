#include "haive/mcp/transport/http.hpp"

#include "haive/mcp/transport/runtime.hpp"
#include "transport/http/fallback_channel.hpp"
#include "transport/http/http_origin.hpp"

#include <atomic>
#include <coroutine>

namespace haive::mcp {

/// What copies of one transport have learnt. Any thread.
struct HttpTransport::Memory {
    std::atomic<bool> speaks_sse{false};
    std::atomic<bool> worked{false};
};

namespace {

/// The URL, checked for what HTTP can reach.
Result<HttpUrl> usable_url(const std::string& text, const HttpOptions& options) {
    auto url = HttpUrl::parse(text);
    if (url.has_error()) return url;
    if (url->scheme != "http" && url->scheme != "https") {
        Error error(ErrorKind::invalid_config, "the URL cannot be used: its scheme is not http or https");
        error.set_attempt_class(AttemptClass::fatal);
        return error;
    }
    if (const std::string problem = header_problem(options); !problem.empty()) {
        Error error(ErrorKind::invalid_config, problem);
        error.set_attempt_class(AttemptClass::fatal);
        return error;
    }
    return url;
}

HttpEndpoint endpoint_of(const HttpUrl& url) {
    HttpEndpoint endpoint;
    endpoint.tls = url.tls();
    endpoint.host = url.host;
    endpoint.port = url.port;
    return endpoint;
}

std::string shown(const std::string& text) {
    const auto url = HttpUrl::parse(text);
    return url ? url->shown() : std::string("an unusable URL");
}

/// Suspends until the stream is open, or the deadline is over.
class SseOpening {
public:
    SseOpening(Loop& loop, SseChannel& channel, TimePoint deadline)
        : channel_(channel), timer_(loop, [this] { give_up(); }) {
        timer_.arm(deadline);
    }
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
        waiter_ = waiter;
        channel_.open([this](Result<void> opened) { finish(std::move(opened)); });
    }
    Result<void> await_resume() { return std::move(outcome_); }

private:
    void give_up() {
        finish(Error(ErrorKind::deadline_exceeded, "the server did not open its stream of events in time"));
    }
    void finish(Result<void> outcome) {
        timer_.disarm();
        outcome_ = std::move(outcome);
        if (waiter_) std::exchange(waiter_, {}).resume();
    }
    SseChannel& channel_;
    Result<void> outcome_;
    std::coroutine_handle<> waiter_;
    Timer timer_;
};

Task<Result<std::unique_ptr<Channel>>> open_sse(Runtime& runtime, TimePoint deadline, HttpUrl url,
                                                HttpOptions options) {
    auto requester = shared_http_origin(runtime, endpoint_of(url), options);
    auto channel = std::make_unique<SseChannel>(runtime, std::move(requester), std::move(url), std::move(options));
    SseOpening opening(runtime.loop(), *channel, deadline);
    auto opened = co_await opening;
    if (opened.has_error()) {
        // We may be deep inside the channel: let it return before it goes.
        runtime.loop().post([gone = std::move(channel)] {});
        co_return opened.error();
    }
    std::unique_ptr<Channel> out = std::move(channel);
    co_return std::move(out);
}

}  // namespace

HttpTransport::HttpTransport(std::string url, HttpOptions options)
    : url_(std::move(url)), options_(std::move(options)), memory_(std::make_shared<Memory>()) {}

Task<Result<std::unique_ptr<Channel>>> HttpTransport::open(Runtime& runtime, TimePoint deadline) const {
    auto url = usable_url(url_, options_);
    if (url.has_error()) co_return url.error();
    if (options_.sse_fallback && memory_->speaks_sse) {
        auto older = co_await open_sse(runtime, deadline, *url, options_);
        if (older) co_return std::move(older);
        memory_->speaks_sse = false;  // it may have been replaced by a newer one
    }
    auto requester = shared_http_origin(runtime, endpoint_of(*url), options_);
    auto http = std::make_unique<HttpChannel>(runtime, requester, *url, options_);
    http->conversation().worked = memory_->worked;
    http->on_worked = [memory = memory_] { memory->worked = true; };
    std::unique_ptr<Channel> out;
    if (options_.sse_fallback) {
        auto sse = std::make_unique<SseChannel>(runtime, std::move(requester), std::move(*url), options_);
        out = std::make_unique<FallbackChannel>(std::move(http), std::move(sse),
                                                [memory = memory_] { memory->speaks_sse = true; });
    } else {
        out = std::move(http);
    }
    co_return std::move(out);
}

std::string HttpTransport::describe() const { return shown(url_); }

Task<Result<std::unique_ptr<Channel>>> SseTransport::open(Runtime& runtime, TimePoint deadline) const {
    auto url = usable_url(url_, options_);
    if (url.has_error()) co_return url.error();
    auto channel = co_await open_sse(runtime, deadline, std::move(*url), options_);
    co_return std::move(channel);
}

std::string SseTransport::describe() const { return shown(url_); }

}  // namespace haive::mcp
