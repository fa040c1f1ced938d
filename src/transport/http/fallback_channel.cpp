#include "transport/http/fallback_channel.hpp"

namespace haive::mcp {

FallbackChannel::FallbackChannel(std::unique_ptr<HttpChannel> http, std::unique_ptr<SseChannel> sse)
    : http_(std::move(http)), sse_(std::move(sse)) {
    http_->on_initialize_refused = [this](Outbound message, Exchange& exchange, const Error& why) {
        fell_back_ = true;
        sse_->tried_before = why.message();
        sse_->start(*handler_);
        sse_->exchange(std::move(message), exchange);
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

}  // namespace haive::mcp
