#include "transport/http/fallback_channel.hpp"

namespace haive::mcp {

FallbackChannel::FallbackChannel(std::unique_ptr<HttpChannel> http, std::unique_ptr<SseChannel> sse,
                                 UniqueFunction<void()> speaks_sse)
    : http_(std::move(http)), sse_(std::move(sse)), speaks_sse_(std::move(speaks_sse)) {
    http_->on_initialize_refused = [this](Outbound message, Exchange& exchange, const Error& why) {
        try_sse(std::move(message), exchange, why);
        return true;
    };
}

Channel& FallbackChannel::active() const noexcept {
    if (fell_back_) return *sse_;
    return *http_;
}

void FallbackChannel::start(Handler& handler) {
    handler_ = &handler;
    http_->start(handler);
}

void FallbackChannel::try_sse(Outbound initialize, Exchange& exchange, Error why) {
    pending_ = &exchange;
    message_ = std::move(initialize);
    message_.method = "initialize";
    refused_ = std::move(why);
    http_->on_initialize_refused = nullptr;  // one try
    sse_->open([this](Result<void> opened) { on_sse(std::move(opened)); });
}

void FallbackChannel::on_sse(Result<void> opened) {
    Exchange* const exchange = std::exchange(pending_, nullptr);
    if (exchange == nullptr) return;
    if (opened.has_error()) {
        Error error = std::move(refused_);
        error.edit().message += "; nor does it speak HTTP+SSE: " + opened.error().message();
        exchange->on_failed(std::move(error));
        return;
    }
    fell_back_ = true;
    if (speaks_sse_) speaks_sse_();
    sse_->start(*handler_);
    sse_->exchange(std::move(message_), *exchange);
}

Disposition FallbackChannel::abandon(std::uint64_t id) {
    if (pending_ == nullptr || message_.id != id) return active().abandon(id);
    pending_ = nullptr;
    return Disposition::not_sent;
}

void FallbackChannel::fail_calls(const Error& why) {
    if (Exchange* const exchange = std::exchange(pending_, nullptr); exchange != nullptr) {
        Error error = why;
        error.set_disposition(Disposition::not_sent);
        exchange->on_failed(std::move(error));
    }
    active().fail_calls(why);
}

void FallbackChannel::close(CloseMode mode, UniqueFunction<void()> done) {
    if (Exchange* const exchange = std::exchange(pending_, nullptr); exchange != nullptr) {
        exchange->on_failed(Error(ErrorKind::shutdown, "the connection was closed"));
    }
    active().close(mode, std::move(done));
}

}  // namespace haive::mcp
