#pragma once

#include "haive/mcp/base/loop.hpp"
#include "haive/mcp/client/client.hpp"
#include "haive/mcp/client/session_facts.hpp"
#include "manager/catalogue_plan.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace haive::mcp {

/// Keeps one server's lists: fetches them when there is reason to, one fetch at a time, all pages, once for a burst of
/// reasons; tries again when that fails. What was good stays until something better is there. Loop thread only.
class Listing {
public:
    enum : unsigned { tools = 1, prompts = 2, resources = 4, everything = 7 };

    /// `under_way` counts those of the fleet that are being fetched.
    Listing(Loop& loop, std::shared_ptr<MCPClient> client, std::shared_ptr<std::size_t> under_way)
        : loop_(loop),
          client_(std::move(client)),
          under_way_(std::move(under_way)),
          timer_(loop, [this] { begin(); }) {}
    ~Listing() {
        *alive_ = false;
        count(false);
    }
    Listing(const Listing&) = delete;
    Listing& operator=(const Listing&) = delete;

    /// A new session: all of it, soon.
    void on_connected();
    /// The server is away: what is known is stale, and nothing is fetched.
    void on_gone();
    /// The server announced a change of `what`.
    void on_changed(std::string_view what);

    /// From another place: the disk, or this server's predecessor.
    void adopt(std::shared_ptr<const ServerLists> lists, Freshness freshness);

    [[nodiscard]] const std::shared_ptr<const ServerLists>& lists() const noexcept { return lists_; }
    [[nodiscard]] Freshness freshness() const noexcept { return freshness_; }
    /// All that the present session offers is listed.
    [[nodiscard]] bool complete() const noexcept { return connected_ && missing_ == 0; }
    /// What the last fetch failed with; nothing while none has failed.
    [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }

    /// Something of the above has changed.
    std::function<void()> on_update;

private:
    void schedule(unsigned what, Duration wait);
    void begin();
    detail::Detached run();
    void count(bool under_way) {
        if (counted_ != under_way) *under_way_ += under_way ? 1 : std::size_t(-1);
        counted_ = under_way;
    }
    void update() {
        if (on_update) on_update();
    }

    Loop& loop_;
    std::shared_ptr<MCPClient> client_;
    std::shared_ptr<std::size_t> under_way_;
    Timer timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::shared_ptr<const ServerLists> lists_;
    Freshness freshness_ = Freshness::unknown;
    unsigned due_ = 0;
    unsigned missing_ = 0;  // of the present session's, not fetched yet or in vain
    std::uint64_t session_ = 0;
    int failures_ = 0;
    std::optional<Error> failure_;
    bool connected_ = false;
    bool running_ = false;
    bool counted_ = false;  // among those under way: from the reason on, not from the request
};

}  // namespace haive::mcp
