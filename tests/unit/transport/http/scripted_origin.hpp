#pragma once

#include "support/manual_loop.hpp"
#include "transport/http/http_requester.hpp"
#include "transport/stream/byte_stream.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp::testing {

/// An origin that a test plays: it sees each request and gives each answer by hand.
class ScriptedOrigin final : public HttpRequester {
public:
    struct Asked {
        HttpRequest request;
        HttpHandler* handler = nullptr;  ///< null when it has ended or was cancelled
        HttpSent sent = HttpSent::whole;
        std::string name(std::string_view header) const {
            const std::string key = "\r\n" + std::string(header) + ": ";
            const std::string all = "\r\n" + request.headers;
            const auto at = all.find(key);
            if (at == std::string::npos) return "(none)";
            return all.substr(at + key.size(), all.find("\r\n", at + key.size()) - at - key.size());
        }
    };
    std::vector<std::unique_ptr<Asked>> asked;

    std::unique_ptr<HttpOperation> start(HttpRequest request, HttpHandler& handler) override {
        asked.push_back(std::make_unique<Asked>());
        Asked& one = *asked.back();
        one.request = std::move(request);
        one.handler = &handler;
        return std::make_unique<Operation>(one);
    }
    [[nodiscard]] Asked& last() { return *asked.back(); }

    using Fields = std::vector<std::pair<std::string, std::string>>;
    static void head(Asked& one, int status, const Fields& fields) {
        HttpHead head;
        head.status = status;
        for (const auto& [name, value] : fields) head.fields.push_back({name, value});
        one.handler->on_head(head);
    }
    static void body(Asked& one, std::string_view bytes) {
        if (one.handler == nullptr) return;
        std::string block(bytes);
        block.resize(block.size() + read_slack);
        one.handler->on_body(block.data(), bytes.size());
    }
    static void end(Asked& one) {
        if (one.handler == nullptr) return;
        HttpEnd over;
        over.sent = HttpSent::whole;
        over.head_seen = true;
        std::exchange(one.handler, nullptr)->on_end(std::move(over));
    }
    static void broken(Asked& one, HttpSent sent, bool head_seen = false) {
        if (one.handler == nullptr) return;
        one.sent = sent;
        HttpEnd over;
        over.error = Error(ErrorKind::connection_lost, "the connection broke");
        over.sent = sent;
        over.head_seen = head_seen;
        std::exchange(one.handler, nullptr)->on_end(std::move(over));
    }
    static void json(Asked& one, int status, std::string_view text, Fields more = {}) {
        more.emplace_back("Content-Type", "application/json; charset=utf-8");
        head(one, status, more);
        body(one, text);
        end(one);
    }
    static void events(Asked& one, Fields more = {}) {
        more.emplace_back("Content-Type", "text/event-stream");
        head(one, 200, more);
    }

private:
    class Operation final : public HttpOperation {
    public:
        explicit Operation(Asked& one) : one_(one) {}
        ~Operation() override { one_.handler = nullptr; }
        HttpSent sent() const noexcept override { return one_.sent; }
        std::string take_body() noexcept override { return one_.request.body; }

    private:
        Asked& one_;
    };
};

}  // namespace haive::mcp::testing
