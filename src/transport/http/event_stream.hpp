#pragma once

#include "haive/mcp/base/loop.hpp"
#include "transport/http/http_requester.hpp"
#include "transport/http/sse_parser.hpp"

#include <memory>
#include <string>

namespace haive::mcp {

class HttpChannel;

/// The legacy era's optional stream of notifications and requests (GET). Never vital: what it refuses or how
/// it breaks ends no call and no connection. It comes back after a pause that grows from 1 s to 5 minutes,
/// or as the server's `retry` says, from its last event where there are ids; else what may have been missed
/// is announced. A server that says it has none (405, 404, 400...) is not asked again in this session.
class EventStream final : private HttpHandler, private SseParser::Sink {
public:
    explicit EventStream(HttpChannel& channel);
    ~EventStream() override;

    void open();
    /// Closes it, for good or until `open`.
    void stop();
    /// The server is sending it at this moment.
    [[nodiscard]] bool live() const noexcept { return operation_ != nullptr && streaming_; }

private:
    void on_head(const HttpHead& head) override;
    void on_body(char* data, std::size_t size) override;
    void on_end(HttpEnd end) override;
    bool on_event(const SseEvent& event) override;
    bool on_overlong(const OverlongEvent& event) override;
    void again();
    void ask();

    HttpChannel& channel_;
    std::unique_ptr<HttpOperation> operation_;
    SseParser parser_;
    Timer timer_;
    int failures_ = 0;
    bool refused_ = false;  // the present answer is no stream
    bool had_stream_ = false;
    bool streaming_ = false;  // the present answer is one, and has not ended
    bool* gone_ = nullptr;
};

}  // namespace haive::mcp
