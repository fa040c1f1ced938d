#include "manager/listing.hpp"

#include "haive/mcp/base/clock.hpp"

#include <algorithm>
#include <utility>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration burst = 50ms;  // of notices that are answered by one fetch
constexpr Duration usual_fetch = 1s;
constexpr Duration longest_retry = 30s;
constexpr int method_not_found = -32601;

/// What is as it was `before` stays the same object: a server that comes back with the lists it had costs no merge.
template <class Item>
std::vector<std::shared_ptr<const Item>> shared(std::vector<Item> items,
                                                const std::vector<std::shared_ptr<const Item>>& before) {
    std::vector<std::shared_ptr<const Item>> out;
    out.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool same = i < before.size() && before[i]->raw.text() == items[i].raw.text();
        out.push_back(same ? before[i] : std::make_shared<const Item>(std::move(items[i])));
    }
    return out;
}

/// Puts what was fetched in its place. Else that stays as it was, and the error says why: it is to be fetched again.
/// Only a server that does not know the method offers nothing of the kind; any other error is one of this moment.
template <class Item>
bool take(Result<std::vector<Item>> fetched, std::vector<std::shared_ptr<const Item>>& place,
          std::optional<Error>& why) {
    if (!fetched.has_error()) {
        place = shared(std::move(fetched.value()), place);
        return true;
    }
    if (fetched.error().kind() == ErrorKind::rpc_error && fetched.error().details().rpc_code == method_not_found) {
        place.clear();
        return true;
    }
    why = fetched.error();
    return false;
}

}  // namespace

void Listing::on_connected() {
    ++session_;
    connected_ = true;
    missing_ = everything;
    failures_ = 0;
    failure_.reset();
    count(true);
    schedule(everything, Duration::zero());
}

void Listing::on_gone() {
    connected_ = false;
    count(false);
    timer_.disarm();
    if (freshness_ != Freshness::current) return;
    freshness_ = Freshness::stale;
    update();
}

void Listing::on_changed(std::string_view what) {
    failures_ = 0;
    schedule(what == "tools"       ? tools
             : what == "prompts"   ? prompts
             : what == "resources" ? resources
                                   : everything,
             burst);
}

void Listing::adopt(std::shared_ptr<const ServerLists> lists, Freshness freshness) {
    lists_ = std::move(lists);
    freshness_ = freshness;
}

/// The trailing edge of a burst; never later because of more of it, nor because of what has failed before.
void Listing::schedule(unsigned what, Duration wait) {
    due_ |= what;
    if (running_ || !connected_) return;
    const TimePoint when = loop_.now() + wait;
    if (!timer_.armed() || when < timer_.due()) timer_.arm(when);
}

void Listing::begin() {
    if (running_) return count(false);  // it is late: nobody waits for it with what the others offer
    if (connected_ && due_ != 0) run();
}

detail::Detached Listing::run() {
    const auto alive = alive_;
    const auto client = client_;
    running_ = true;
    count(true);
    timer_.arm(loop_.now() + usual_fetch);
    const unsigned what = std::exchange(due_, 0U);
    const std::uint64_t session = session_;
    const auto facts = client->facts();
    auto next = lists_ ? std::make_shared<ServerLists>(*lists_) : std::make_shared<ServerLists>();
    unsigned failed = 0;
    std::optional<Error> why;
    const ServerCapabilities offered = facts ? facts->capabilities : ServerCapabilities();
    if ((what & tools) != 0) {
        Result<std::vector<Tool>> found = std::vector<Tool>();
        if (offered.tools) found = co_await client->list_tools(false).as_result();
        if (!*alive) co_return;
        if (!take(std::move(found), next->tools, why)) failed |= tools;
    }
    if ((what & prompts) != 0) {
        Result<std::vector<Prompt>> found = std::vector<Prompt>();
        if (offered.prompts) found = co_await client->list_prompts(false).as_result();
        if (!*alive) co_return;
        if (!take(std::move(found), next->prompts, why)) failed |= prompts;
    }
    if ((what & resources) != 0) {
        Result<std::vector<Resource>> found = std::vector<Resource>();
        if (offered.resources) found = co_await client->list_resources(false).as_result();
        if (!*alive) co_return;
        if (!take(std::move(found), next->resources, why)) failed |= resources;
        Result<std::vector<ResourceTemplate>> templates = std::vector<ResourceTemplate>();
        if (offered.resources) templates = co_await client->list_resource_templates(false).as_result();
        if (!*alive) co_return;
        if (!take(std::move(templates), next->resource_templates, why)) failed |= resources;
    }
    running_ = false;
    timer_.disarm();
    if (session != session_ || !connected_) {
        // Another session's lists: what it announced meanwhile is due already.
        if (connected_) schedule(what, Duration::zero());
        co_return;
    }
    count(false);
    missing_ = (missing_ & ~what) | failed;
    failure_ = std::move(why);
    if (failed != what) {
        next->listed_at = wall_clock_now();
        lists_ = std::move(next);
    }
    if (missing_ == 0) {
        freshness_ = Freshness::current;
    } else if (failed != what || freshness_ == Freshness::current) {
        freshness_ = Freshness::stale;  // until all of it is there
    }
    if (due_ != 0) schedule(0, burst);  // announced meanwhile
    if (failed == 0) {
        failures_ = 0;
    } else {
        // However often it has failed: a server that is connected will have its lists some day.
        schedule(failed, std::min<Duration>(longest_retry, 500ms * (1 << std::min(++failures_, 10))));
    }
    update();
}

}  // namespace haive::mcp
