#include "haive/mcp/transport/http.hpp"

#include "haive/mcp/transport/runtime.hpp"
#include "transport/http/fallback_channel.hpp"
#include "transport/http/http_origin.hpp"

#include <atomic>

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

std::string origin_of(const std::string& text) {
    const auto url = HttpUrl::parse(text);
    return url ? url->origin() : std::string();
}

ServerPlace place_of(const std::string& text) {
    const auto url = HttpUrl::parse(text);
    return url ? url->place("http") : ServerPlace();
}

std::unique_ptr<SseChannel> sse_channel(Runtime& runtime, const HttpUrl& url, const HttpOptions& options) {
    return std::make_unique<SseChannel>(runtime, shared_http_origin(runtime, endpoint_of(url), options), url, options);
}

}  // namespace

HttpTransport::HttpTransport(std::string url, HttpOptions options)
    : url_(std::move(url)), options_(std::move(options)), memory_(std::make_shared<Memory>()) {}

Task<Result<std::unique_ptr<Channel>>> HttpTransport::open(Runtime& runtime, TimePoint /*deadline*/) const {
    auto url = usable_url(url_, options_);
    if (url.has_error()) co_return url.error();
    if (!options_.sse_fallback) memory_->speaks_sse = false;
    std::unique_ptr<Channel> out;
    if (memory_->speaks_sse.exchange(false)) {
        // Set again when it still does: it may have been replaced by a newer server.
        auto sse = sse_channel(runtime, *url, options_);
        sse->on_open = [memory = memory_] { memory->speaks_sse = true; };
        out = std::move(sse);
        co_return std::move(out);
    }
    auto http = std::make_unique<HttpChannel>(runtime, shared_http_origin(runtime, endpoint_of(*url), options_), *url,
                                              options_);
    http->conversation().worked = memory_->worked;
    http->on_worked = [memory = memory_] { memory->worked = true; };
    if (options_.sse_fallback) {
        auto sse = sse_channel(runtime, *url, options_);
        sse->on_open = [memory = memory_] { memory->speaks_sse = true; };
        out = std::make_unique<FallbackChannel>(std::move(http), std::move(sse));
    } else {
        out = std::move(http);
    }
    co_return std::move(out);
}

std::string HttpTransport::describe() const { return shown(url_); }
std::string HttpTransport::origin() const { return origin_of(url_); }
ServerPlace HttpTransport::place() const { return place_of(url_); }

Task<Result<std::unique_ptr<Channel>>> SseTransport::open(Runtime& runtime, TimePoint /*deadline*/) const {
    auto url = usable_url(url_, options_);
    if (url.has_error()) co_return url.error();
    std::unique_ptr<Channel> out = sse_channel(runtime, *url, options_);
    co_return std::move(out);
}

std::string SseTransport::describe() const { return shown(url_); }
std::string SseTransport::origin() const { return origin_of(url_); }
ServerPlace SseTransport::place() const { return place_of(url_); }

}  // namespace haive::mcp
