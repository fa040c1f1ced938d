#pragma once

#include "haive/mcp/transport/runtime.hpp"
#include "transport/http/http_origin.hpp"
#include "transport/stream/byte_stream.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp::testing {

/// What came back for one request.
struct Reply : HttpHandler {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    HttpTimings timings;
    std::string body;
    std::size_t bytes = 0;
    bool keep_body = true;
    std::optional<HttpEnd> end;
    int ends = 0;
    std::function<void()> when_head;
    std::function<void()> when_body;
    std::function<void()> when_end;

    void on_head(const HttpHead& head) override {
        status = head.status;
        for (const auto& field : head.fields) fields.emplace_back(field.name, field.value);
        timings = head.timings;
        if (when_head) when_head();
    }
    void on_body(char* data, std::size_t size) override {
        if (keep_body) body.append(data, size);
        bytes += size;
        std::fill_n(data, size, '#');                       // it may be scribbled on
        volatile char slack = data[size + read_slack - 1];  // and this much more may be read
        (void)slack;
        if (when_body) when_body();
    }
    void on_end(HttpEnd how) override {
        ++ends;
        end = std::move(how);
        if (when_end) when_end();
    }
    [[nodiscard]] bool ok() const { return end && !end->error; }
    [[nodiscard]] std::string error_text() const { return end && end->error ? end->error->to_string() : std::string(); }
    [[nodiscard]] std::string field(std::string_view name) const {
        for (const auto& [key, value] : fields) {
            if (key == name) return value;
        }
        return {};
    }
};

/// A hand-turned runtime with HTTP on it, on the test's own thread.
struct HttpRig {
    std::shared_ptr<Runtime> runtime = Runtime::manual();
    HttpOptions options;

    HttpRig() { options.proxy = ""; }

    [[nodiscard]] std::shared_ptr<HttpRequester> origin(std::uint16_t port, bool tls = false,
                                                        const std::string& host = "127.0.0.1") {
        HttpEndpoint endpoint;
        endpoint.tls = tls;
        endpoint.host = host;
        endpoint.port = port;
        return shared_http_origin(*runtime, endpoint, options);
    }
    /// A POST that has `limit` to get connected.
    [[nodiscard]] HttpRequest post(std::string body = "{}", Duration limit = std::chrono::seconds(10)) const {
        HttpRequest request;
        request.target = "/mcp";
        request.headers = "Content-Type: application/json\r\n";
        request.body = std::move(body);
        request.connect_deadline = runtime->loop().now() + limit;
        return request;
    }
    /// Turns the loop until `condition` holds; false when it did not within `limit`.
    template <class Condition>
    bool until(Condition&& condition, Duration limit = std::chrono::seconds(20)) {
        bool over = false;
        Timer alarm(runtime->loop(), [&] { over = true; });
        alarm.arm(runtime->loop().now() + limit);
        while (!condition() && !over) runtime->turn();
        return condition();
    }
    /// Sends and waits for the end.
    Reply ask(HttpRequester& requester, HttpRequest request) {
        Reply reply;
        const auto operation = requester.start(std::move(request), reply);
        until([&] { return reply.end.has_value(); });
        return reply;
    }
};

}  // namespace haive::mcp::testing
