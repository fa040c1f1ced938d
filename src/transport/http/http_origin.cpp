#include "transport/http/http_origin.hpp"

#include "transport/http/connect_error.hpp"
#include "transport/http/curl_connector.hpp"
#include "transport/http/http_connection.hpp"
#include "transport/http/http_resources.hpp"
#include "transport/http/http_reuse_plan.hpp"

#include <algorithm>
#include <list>
#include <stdexcept>
#include <utility>
#include <vector>

namespace haive::mcp {

namespace {

constexpr std::size_t most_connections = 1024;
constexpr std::size_t most_waiting = 1024;

}  // namespace

class HttpExchange;

class HttpOrigin final : public HttpRequester, public std::enable_shared_from_this<HttpOrigin>, HttpConnection::Keeper {
public:
    HttpOrigin(std::shared_ptr<Runtime> runtime, EpollLoop& loop, HttpEndpoint endpoint, ConnectSettings settings);
    ~HttpOrigin() override;

    /// Users of one origin may ask for different limits; the largest hold.
    void widen(std::size_t connections, Duration idle);
    [[nodiscard]] std::unique_ptr<HttpOperation> start(HttpRequest request, HttpHandler& handler) override;

private:
    friend class HttpExchange;
    struct Idle {
        std::shared_ptr<HttpConnection> connection;
        TimePoint until;
        TimePoint until_for_once;  // for what must not be executed twice; not after `until`
    };

    [[nodiscard]] HttpConnection::Keeper& keeper() noexcept { return *this; }
    void idle_connection_ended(HttpConnection& connection) override;
    /// The idle connection used last that is still open and young enough for this use, or none.
    [[nodiscard]] std::shared_ptr<HttpConnection> take_idle(IdleUse use);
    void park(std::shared_ptr<HttpConnection> connection);
    void close_expired();
    /// A request that counted has ended: the longest waiting one begins.
    void slot_freed();

    std::shared_ptr<Runtime> runtime_;
    EpollLoop& loop_;
    HttpEndpoint endpoint_;
    ConnectSettings settings_;
    std::size_t max_connections_ = 1;
    Duration idle_limit_{};
    std::vector<Idle> idle_;  // the one used last is last
    Timer idle_timer_;
    std::size_t active_ = 0;  // requests that count against max_connections_
    std::list<HttpExchange*> waiting_;
};

/// One request: waits for its turn, then for a connection, then for its answer.
class HttpExchange final : public HttpOperation, HttpConnection::User {
public:
    HttpExchange(std::shared_ptr<HttpOrigin> origin, HttpRequest request, HttpHandler& handler)
        : origin_(std::move(origin)), request_(std::move(request)), handler_(&handler) {}
    ~HttpExchange() override;

    [[nodiscard]] HttpSent sent() const noexcept override { return connection_ ? connection_->sent() : sent_; }
    [[nodiscard]] std::string take_body() noexcept override { return std::move(request_.body); }
    [[nodiscard]] bool long_lived() const noexcept { return request_.long_lived; }

    void wait(std::list<HttpExchange*>::iterator place);
    /// Its turn has come.
    void begin();
    void fail_later(Error error);

private:
    enum class Stage : std::uint8_t { idle, waiting, connecting, open, ended };

    void open_fresh();
    void on_connected(Result<Connected> result);
    void arm_deadline();
    void on_deadline();
    /// Lets go of whatever it holds, gives its turn on, and tells the handler.
    void end(HttpEnd how);

    void on_head(const HttpHead& head) override {
        head_seen_ = true;
        handler_->on_head(head);
    }
    void on_body(char* data, std::size_t size) override { handler_->on_body(data, size); }
    void on_finish(std::optional<Error> error) override;

    std::shared_ptr<HttpOrigin> origin_;
    HttpRequest request_;
    HttpHandler* handler_;
    Stage stage_ = Stage::idle;
    bool counted_ = false;
    bool head_seen_ = false;
    HttpSent sent_ = HttpSent::nothing;
    TimePoint began_{};
    std::list<HttpExchange*>::iterator place_;
    std::shared_ptr<HttpConnection> connection_;
    std::unique_ptr<ConnectAttempt> attempt_;
    std::optional<Timer> deadline_;
    std::shared_ptr<HttpExchange*> self_;  // made when something is posted
};

// --- the origin -----------------------------------------------------------------------------------

HttpOrigin::HttpOrigin(std::shared_ptr<Runtime> runtime, EpollLoop& loop, HttpEndpoint endpoint,
                       ConnectSettings settings)
    : runtime_(std::move(runtime)),
      loop_(loop),
      endpoint_(std::move(endpoint)),
      settings_(std::move(settings)),
      idle_timer_(loop, [this] { close_expired(); }) {}

HttpOrigin::~HttpOrigin() {
    for (Idle& idle : idle_) idle.connection->abandon();
}

void HttpOrigin::widen(std::size_t connections, Duration idle) {
    max_connections_ = std::max(max_connections_, std::clamp<std::size_t>(connections, 1, most_connections));
    idle_limit_ = std::max(idle_limit_, idle);
}

std::unique_ptr<HttpOperation> HttpOrigin::start(HttpRequest request, HttpHandler& handler) {
    auto exchange = std::make_unique<HttpExchange>(shared_from_this(), std::move(request), handler);
    if (exchange->long_lived() || active_ < max_connections_) {
        exchange->begin();
    } else if (waiting_.size() < most_waiting) {
        exchange->wait(waiting_.insert(waiting_.end(), exchange.get()));
    } else {
        exchange->fail_later(
            Error(ErrorKind::queue_full, "too many requests wait for a connection to " + endpoint_.host_port()));
    }
    return exchange;
}

void HttpOrigin::slot_freed() {
    --active_;
    while (!waiting_.empty() && active_ < max_connections_) {
        HttpExchange* next = waiting_.front();
        waiting_.pop_front();
        next->begin();
    }
}

std::shared_ptr<HttpConnection> HttpOrigin::take_idle(IdleUse use) {
    const TimePoint now = loop_.now();
    while (!idle_.empty()) {
        // The others are older still; a harmless request may yet take it.
        const bool too_old = use == IdleUse::once && idle_.back().until_for_once <= now;
        if (too_old && idle_.back().until > now && idle_.back().connection->still_open()) return nullptr;
        Idle last = std::move(idle_.back());
        idle_.pop_back();
        if (last.until > now && last.connection->still_open()) return std::move(last.connection);
        last.connection->abandon();
    }
    return nullptr;
}

void HttpOrigin::park(std::shared_ptr<HttpConnection> connection) {
    const Duration time = idle_time(connection->keep_alive(), idle_limit_, IdleUse::harmless_twice);
    const Duration for_once = idle_time(connection->keep_alive(), idle_limit_, IdleUse::once);
    if (time <= Duration::zero()) {
        connection->abandon();
        return;
    }
    if (idle_.size() >= max_connections_) {
        idle_.front().connection->abandon();
        idle_.erase(idle_.begin());
    }
    const TimePoint now = loop_.now();
    const Idle& parked =
        idle_.emplace_back(Idle{std::move(connection), saturating_add(now, time), saturating_add(now, for_once)});
    // Left armed when a connection is used again: firing in vain is cheaper than moving it every time.
    if (!idle_timer_.armed() || parked.until_for_once < idle_timer_.due()) idle_timer_.arm(parked.until_for_once);
}

/// What is too old for the calls of tools is of use to the few harmless requests only: one is kept for those. The
/// others of a burst would lie open here and at the server for nothing.
void HttpOrigin::close_expired() {
    const TimePoint now = loop_.now();
    const HttpConnection* const used_last = idle_.empty() ? nullptr : idle_.back().connection.get();
    TimePoint next = never;
    std::erase_if(idle_, [&](Idle& idle) {
        const TimePoint until = idle.connection.get() == used_last ? idle.until : idle.until_for_once;
        if (until > now) {
            next = std::min(next, until);
            return false;
        }
        idle.connection->abandon();
        return true;
    });
    if (next != never) idle_timer_.arm(next);
}

void HttpOrigin::idle_connection_ended(HttpConnection& connection) {
    std::erase_if(idle_, [&](const Idle& idle) { return idle.connection.get() == &connection; });
}

// --- an exchange ----------------------------------------------------------------------------------

HttpExchange::~HttpExchange() {
    if (self_) *self_ = nullptr;
    if (stage_ == Stage::waiting) origin_->waiting_.erase(place_);
    attempt_.reset();
    if (connection_) connection_->abandon();
    if (counted_) origin_->slot_freed();
}

void HttpExchange::wait(std::list<HttpExchange*>::iterator place) {
    stage_ = Stage::waiting;
    place_ = place;
    arm_deadline();
}

void HttpExchange::begin() {
    if (!request_.long_lived) {
        counted_ = true;
        ++origin_->active_;
    }
    const bool harmless = request_.harmless_twice || request_.method != "POST";
    const IdleUse use = harmless ? IdleUse::harmless_twice : IdleUse::once;
    // One that broke while it was idle took nothing of the request: the next is tried.
    while (auto connection = origin_->take_idle(use)) {
        connection_ = std::move(connection);
        if (connection_->send(request_, *this)) {
            stage_ = Stage::open;
            deadline_.reset();
            return;
        }
        connection_.reset();
    }
    open_fresh();
}

void HttpExchange::open_fresh() {
    stage_ = Stage::connecting;
    began_ = origin_->loop_.now();
    Duration budget = Duration::max();
    if (request_.connect_deadline != never) budget = request_.connect_deadline - began_;
    if (budget <= Duration::zero()) {
        fail_later(connect_timeout_error(origin_->endpoint_, Duration::zero()));
        return;
    }
    if (!deadline_) arm_deadline();
    // Ours comes first and has the better words; libcurl's stands behind it.
    constexpr Duration margin = std::chrono::seconds(1);
    if (budget < Duration::max() - margin) budget += margin;
    attempt_ = open_connection(origin_->loop_, origin_->runtime_->stream_resources(),
                               origin_->runtime_->http_resources().multi, origin_->endpoint_, origin_->settings_,
                               budget, [this](Result<Connected> result) { on_connected(std::move(result)); });
}

void HttpExchange::on_connected(Result<Connected> result) {
    deadline_.reset();
    if (!result) {
        HttpEnd how;
        how.error = std::move(result).error();
        end(std::move(how));
        return;
    }
    stage_ = Stage::open;
    Connected& got = *result;
    connection_ = std::make_shared<HttpConnection>(origin_->loop_, std::move(got.wire), origin_->endpoint_.authority(),
                                                   got.timings, origin_->keeper());
    attempt_.reset();
    connection_->start();
    if (connection_->send(request_, *this)) return;
    HttpEnd how;
    how.error = Error(ErrorKind::connection_lost, "the server closed the connection as soon as it was opened");
    end(std::move(how));
}

void HttpExchange::on_finish(std::optional<Error> error) {
    HttpEnd how;
    how.error = std::move(error);
    how.sent = sent_ = connection_->sent();
    how.head_seen = head_seen_;
    if (connection_->reusable()) origin_->park(std::move(connection_));
    connection_.reset();
    end(std::move(how));
}

void HttpExchange::end(HttpEnd how) {
    stage_ = Stage::ended;
    attempt_.reset();
    deadline_.reset();
    if (connection_) std::exchange(connection_, nullptr)->abandon();
    if (std::exchange(counted_, false)) origin_->slot_freed();
    std::exchange(handler_, nullptr)->on_end(std::move(how));  // may end this
}

void HttpExchange::fail_later(Error error) {
    if (!self_) self_ = std::make_shared<HttpExchange*>(this);
    origin_->loop_.post([self = self_, failed = std::make_unique<Error>(std::move(error))] {
        if (*self == nullptr) return;
        HttpEnd how;
        how.error = std::move(*failed);
        (*self)->end(std::move(how));
    });
}

void HttpExchange::arm_deadline() {
    if (request_.connect_deadline == never) return;
    if (began_ == TimePoint{}) began_ = origin_->loop_.now();
    deadline_.emplace(origin_->loop_, [this] { on_deadline(); });
    deadline_->arm(request_.connect_deadline);
}

void HttpExchange::on_deadline() {
    const Duration elapsed = origin_->loop_.now() - began_;
    Error error = connect_timeout_error(origin_->endpoint_, elapsed);
    if (stage_ == Stage::waiting) {
        origin_->waiting_.erase(place_);
        error.edit().message += ": all connections are in use";
        error.set_mend("raise max_connections, or ask for less at once");
    }
    HttpEnd how;
    how.error = std::move(error);
    end(std::move(how));
}

// --- one origin for all who name it ---------------------------------------------------------------

std::shared_ptr<HttpRequester> shared_http_origin(Runtime& runtime, const HttpEndpoint& endpoint,
                                                  const HttpOptions& options) {
    HttpResources& resources = runtime.http_resources();
    auto& origins = resources.origins;
    std::erase_if(origins, [](const auto& entry) { return entry.second.expired(); });
    ConnectSettings settings{options.ca_file, options.client_certificate, options.client_key, options.proxy,
                             options.no_proxy};
    std::weak_ptr<HttpOrigin>& place = origins[HttpResources::Key(endpoint, settings)];
    std::shared_ptr<HttpOrigin> origin = place.lock();
    if (!origin) {
        origin =
            std::make_shared<HttpOrigin>(runtime.shared_from_this(), resources.loop, endpoint, std::move(settings));
        place = origin;
    }
    origin->widen(options.max_connections, to_duration(options.idle_connection_timeout));
    return origin;
}

}  // namespace haive::mcp
