#pragma once

#include "transport/http/http_channel.hpp"
#include "transport/http/sse_channel.hpp"

#include <memory>

namespace haive::mcp {

/// Streamable HTTP that turns into HTTP+SSE when the server refuses `initialize` as one of 2024-11-05 does
/// (*Backwards Compatibility*). To the conversation above it is one channel all along.
class FallbackChannel final : public Channel {
public:
    /// `speaks_sse` is called once when the fall back has worked: the next time can start there.
    FallbackChannel(std::unique_ptr<HttpChannel> http, std::unique_ptr<SseChannel> sse,
                    UniqueFunction<void()> speaks_sse);

    [[nodiscard]] bool carries_headers() const noexcept override { return true; }
    void start(Handler& handler) override;
    void exchange(Outbound message, Exchange& exchange) override { active().exchange(std::move(message), exchange); }
    bool send(Outbound message) override { return active().send(std::move(message)); }
    Disposition abandon(std::uint64_t id) override;
    Exchange* find(std::uint64_t id) override { return active().find(id); }
    std::size_t in_flight() const noexcept override { return active().in_flight() + (pending_ != nullptr ? 1 : 0); }
    ChannelEvidence evidence() const override { return active().evidence(); }
    TimePoint last_byte_in() const noexcept override { return active().last_byte_in(); }
    void fail_calls(const Error& why) override;
    void close(CloseMode mode, UniqueFunction<void()> done) override;

private:
    [[nodiscard]] Channel& active() const noexcept;
    void try_sse(Outbound initialize, Exchange& exchange, Error why);
    void on_sse(Result<void> opened);

    std::unique_ptr<HttpChannel> http_;
    std::unique_ptr<SseChannel> sse_;
    UniqueFunction<void()> speaks_sse_;
    Handler* handler_ = nullptr;
    bool fell_back_ = false;
    // `initialize`, while the older way is tried.
    Exchange* pending_ = nullptr;
    Outbound message_;
    Error refused_;
};

}  // namespace haive::mcp
