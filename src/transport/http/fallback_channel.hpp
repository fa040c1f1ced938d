#pragma once

#include "transport/http/http_channel.hpp"
#include "transport/http/sse_channel.hpp"

#include <memory>

namespace haive::mcp {

/// Streamable HTTP that turns into HTTP+SSE when the server refuses `initialize` as one of 2024-11-05 does
/// (*Backwards Compatibility*). To the conversation above it is one channel all along.
class FallbackChannel final : public Channel {
public:
    FallbackChannel(std::unique_ptr<HttpChannel> http, std::unique_ptr<SseChannel> sse);

    [[nodiscard]] bool carries_headers() const noexcept override { return true; }
    void start(Handler& handler) override;
    void exchange(Outbound message, Exchange& exchange) override { active().exchange(std::move(message), exchange); }
    bool send(Outbound message) override { return active().send(std::move(message)); }
    Disposition abandon(std::uint64_t id) override { return active().abandon(id); }
    Exchange* find(std::uint64_t id) override { return active().find(id); }
    std::size_t in_flight() const noexcept override { return active().in_flight(); }
    ChannelEvidence evidence() const override { return active().evidence(); }
    TimePoint last_byte_in() const noexcept override { return active().last_byte_in(); }
    void fail_calls(const Error& why) override { active().fail_calls(why); }
    void close(CloseMode mode, UniqueFunction<void()> done) override { active().close(mode, std::move(done)); }

private:
    [[nodiscard]] Channel& active() const noexcept;

    std::unique_ptr<HttpChannel> http_;
    std::unique_ptr<SseChannel> sse_;
    Handler* handler_ = nullptr;
    bool fell_back_ = false;
};

}  // namespace haive::mcp
