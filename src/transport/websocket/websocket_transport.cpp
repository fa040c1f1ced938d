#include "haive/mcp/transport/websocket.hpp"

#include "base/header_value.hpp"
#include "haive/mcp/transport/runtime.hpp"
#include "transport/http/http_conversation.hpp"
#include "transport/http/http_resources.hpp"
#include "transport/http/http_url.hpp"
#include "transport/loop/epoll_loop.hpp"
#include "transport/stream/connecting_stream.hpp"
#include "transport/stream/stream_channel.hpp"
#include "transport/websocket/websocket_stream.hpp"

namespace haive::mcp {

namespace {

/// Getting connected, then upgraded. Destroying it gives up.
class Upgrade {
public:
    Upgrade(Runtime& runtime, HttpUrl url, const HttpOptions& options)
        : runtime_(runtime), url_(std::move(url)), max_message_(options.max_message_bytes) {
        for (const auto& [name, value] : options.headers) headers_ += name + ": " + value + "\r\n";
        if (!url_.user.empty()) headers_ += "Authorization: Basic " + base64(url_.user + ':' + url_.password) + "\r\n";
        settings_.ca_file = options.ca_file;
        settings_.client_certificate = options.client_certificate;
        settings_.client_key = options.client_key;
        settings_.proxy = options.proxy;
        settings_.no_proxy = options.no_proxy;
    }

    void start(Duration budget, ConnectingStream::Connected done) {
        done_ = std::move(done);
        endpoint_.tls = url_.tls();
        endpoint_.host = url_.host;
        endpoint_.port = url_.port;
        auto& loop = static_cast<EpollLoop&>(runtime_.loop());
        attempt_ =
            open_connection(loop, runtime_.stream_resources(), runtime_.http_resources().multi, endpoint_, settings_,
                            budget, [this](Result<Connected> connected) { on_connected(std::move(connected)); });
    }

private:
    void on_connected(Result<Connected> connected) {
        if (connected.has_error()) return finish(connected.error());
        stream_ = std::make_unique<WebSocketStream>(std::move(connected->wire), runtime_.random(), max_message_);
        stream_->open(endpoint_.authority(), url_.target, headers_, [this](Result<void> opened) {
            if (opened.has_error()) {
                // The stream is still in the middle of telling us.
                runtime_.loop().post([gone = std::move(stream_)] {});
                finish(opened.error());
            } else {
                finish(std::unique_ptr<ByteStream>(std::move(stream_)));
            }
        });
    }
    void finish(Result<std::unique_ptr<ByteStream>> outcome) {
        auto done = std::move(done_);
        done(std::move(outcome));
    }

    Runtime& runtime_;
    const HttpUrl url_;
    const std::size_t max_message_;
    HttpEndpoint endpoint_;
    ConnectSettings settings_;
    std::string headers_;
    ConnectingStream::Connected done_;
    std::unique_ptr<ConnectAttempt> attempt_;
    std::unique_ptr<WebSocketStream> stream_;
};

Error unusable(std::string why) {
    Error error(ErrorKind::invalid_config, std::move(why));
    error.set_attempt_class(AttemptClass::fatal);
    return error;
}

}  // namespace

Task<Result<std::unique_ptr<Channel>>> WebSocketTransport::open(Runtime& runtime, TimePoint deadline) const {
    auto url = HttpUrl::parse(url_);
    if (url.has_error()) co_return url.error();
    if (url->scheme != "ws" && url->scheme != "wss") co_return unusable("the URL's scheme is not ws or wss");
    if (std::string problem = header_problem(options_); !problem.empty()) co_return unusable(std::move(problem));
    HttpOptions options = options_;
    if (options.credentials) {
        HttpChallenge nothing_refused;
        auto value = co_await options.credentials->authorization(std::move(nothing_refused));
        if (value.has_error()) co_return value.error();
        if (!value->empty()) options.headers.emplace_back("Authorization", std::move(*value));
    }
    const Duration budget = std::min(to_duration(options.connect_timeout), deadline - runtime.loop().now());
    auto connect = [&runtime, url = std::move(*url), options, budget](ConnectingStream::Connected done) {
        auto upgrade = std::make_shared<Upgrade>(runtime, url, options);
        upgrade->start(budget, std::move(done));
        return std::static_pointer_cast<void>(upgrade);
    };
    StreamLimits limits;
    limits.max_message = options.max_message_bytes;
    std::unique_ptr<Channel> channel = std::make_unique<StreamChannel>(
        runtime.loop(), runtime.stream_resources(), std::make_unique<ConnectingStream>(std::move(connect)), limits);
    co_return std::move(channel);
}

std::string WebSocketTransport::describe() const {
    const auto url = HttpUrl::parse(url_);
    return url ? url->shown() : std::string("an unusable URL");
}

std::string WebSocketTransport::origin() const {
    const auto url = HttpUrl::parse(url_);
    return url ? url->origin() : std::string();
}

ServerPlace WebSocketTransport::place() const {
    const auto url = HttpUrl::parse(url_);
    return url ? url->place("websocket") : ServerPlace();
}

}  // namespace haive::mcp
