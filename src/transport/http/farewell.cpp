#include "transport/http/farewell.hpp"

#include <memory>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration patience = 2s;

/// Keeps itself alive until its end.
class Farewell final : private HttpHandler {
public:
    Farewell(Loop& loop, std::shared_ptr<HttpRequester> requester, UniqueFunction<void()> done)
        : loop_(loop), requester_(std::move(requester)), done_(std::move(done)), timer_(loop, [this] { finish(); }) {}

    void start(std::shared_ptr<Farewell> self, HttpRequest request) {
        self_ = std::move(self);
        timer_.arm(saturating_add(loop_.now(), patience));
        operation_ = requester_->start(std::move(request), *this);
    }

private:
    void on_head(const HttpHead& /*head*/) override {}
    void on_body(char* /*data*/, std::size_t /*size*/) override {}
    void on_end(HttpEnd /*end*/) override { finish(); }
    void finish() {
        timer_.disarm();
        // The end may come from inside the operation: let it return first.
        loop_.post([self = std::move(self_)] {
            if (!self) return;
            self->operation_.reset();
            auto done = std::move(self->done_);
            done();
        });
    }

    Loop& loop_;
    const std::shared_ptr<HttpRequester> requester_;
    UniqueFunction<void()> done_;
    std::unique_ptr<HttpOperation> operation_;
    Timer timer_;
    std::shared_ptr<Farewell> self_;
};

}  // namespace

void delete_session(Loop& loop, std::shared_ptr<HttpRequester> requester, std::string target, std::string headers,
                    UniqueFunction<void()> done) {
    HttpRequest request;
    request.method = "DELETE";
    request.target = std::move(target);
    request.headers = std::move(headers);
    request.connect_deadline = saturating_add(loop.now(), patience);
    auto farewell = std::make_shared<Farewell>(loop, std::move(requester), std::move(done));
    farewell->start(farewell, std::move(request));
}

}  // namespace haive::mcp
