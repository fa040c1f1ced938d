#include "manager/manager_core.hpp"

#include "haive/mcp/base/clock.hpp"

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

namespace haive::mcp {

using namespace std::chrono_literals;

namespace {

constexpr Duration save_after = 2s;
constexpr Duration closing_takes = 7s;  // of the slowest server: stdin closed, SIGTERM, SIGKILL
constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

ConnectScheduleOptions schedule_options(const ManagerOptions& o) {
    ConnectScheduleOptions out;
    out.opens_per_second = o.opens_per_second;
    out.burst = o.open_burst;
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    out.processes_at_once = o.processes_at_once > 0 ? o.processes_at_once : static_cast<int>(2 * cores);
    out.processes_per_second = o.processes_per_second;
    out.network_at_once = o.network_opens_at_once;
    out.per_origin = o.opens_per_origin;
    return out;
}

Fleet make_fleet(const ManagerOptions& o) {
    Fleet out;
    out.runtime = o.runtime ? o.runtime : Runtime::shared();
    out.listings = std::make_shared<std::size_t>(0);
    out.gate = std::make_shared<FleetGate>(out.runtime->loop(), schedule_options(o), out.runtime->metrics());
    out.pacing = std::make_shared<OriginPacing>();
    out.retries = std::make_shared<RetryCeiling>();
    return out;
}

/// Many starts, one wait.
struct Gathering {
    std::vector<StartResult> results;
    std::size_t outstanding = 0;
    Signal done;
};

detail::Detached gather(std::shared_ptr<Upstream> upstream, TimePoint deadline, std::shared_ptr<Gathering> into,
                        std::size_t index) {
    auto result = co_await upstream->wait_started(deadline);
    if (result) into->results[index] = std::move(result.value());
    if (--into->outstanding == 0) into->done.raise();
}

/// Something about the fleet, not about one server.
void tell(Runtime& runtime, std::string_view kind, std::string text) {
    OddityEvent oddity;
    oddity.kind = kind;
    oddity.text = std::move(text);
    Event event;
    event.time = runtime.loop().now();
    event.wall_time = wall_clock_now();
    event.what = std::move(oddity);
    runtime.emit(event);
}

}  // namespace

ManagerCore::ManagerCore(ManagerOptions options)
    : options_(std::move(options)),
      fleet_(make_fleet(options_)),
      loop_(fleet_.runtime->loop()),
      update_timer_(loop_, [this] { update(); }),
      save_timer_(loop_, [this] { save_in_turn(); }) {
    fleet_.gate->on_storm = [runtime = fleet_.runtime] {
        tell(*runtime, "storm", "many connections were lost within seconds; they are opened again at a bounded rate");
    };
}

std::size_t ManagerCore::index_of(std::string_view name) const {
    const auto found =
        std::ranges::find(upstreams_, name, [](const auto& each) -> const std::string& { return each->name(); });
    return found == upstreams_.end() ? nowhere : static_cast<std::size_t>(found - upstreams_.begin());
}

std::shared_ptr<Upstream> ManagerCore::make(UpstreamConfig config, const std::shared_ptr<Upstream>& predecessor) {
    load();
    // Whoever looks at it on a thread of its own may be the last to let go: it ends on the loop all the same, since it
    // leaves what the servers share there.
    auto end = [runtime = fleet_.runtime](Upstream* last) {
        runtime->loop().dispatch([owned = std::unique_ptr<Upstream>(last)] {});
    };
    std::shared_ptr<Upstream> upstream(new Upstream(std::move(config), fleet_), std::move(end));
    upstream->adopt();
    upstream->on_update = [this, weak = weak_from_this()] {
        if (weak.lock()) update_soon();
    };
    upstream->on_event = [weak = weak_from_this()](const Event& event) {
        auto self = weak.lock();
        if (!self) return;
        const auto listening = self->fleet_.runtime->listening();
        std::shared_ptr<EventListener> listener;
        {
            std::lock_guard lock(self->mutex_);
            listener = self->event_listener_;
        }
        if (listener) (*listener)(event);
    };
    const auto cached = cached_.find(upstream->name());
    if (predecessor && predecessor->listing().lists()) {
        upstream->listing().adopt(predecessor->listing().lists(), Freshness::stale);
    } else if (cached != cached_.end() && cached->second.fingerprint == upstream->config().fingerprint) {
        upstream->listing().adopt(cached->second.lists, Freshness::cached);
    }
    return upstream;
}

/// Out of the list already, and remembered until it is gone.
Task<Result<void>> ManagerCore::see_off(std::shared_ptr<Upstream> upstream, TimePoint drained, TimePoint limit) {
    auto keep = shared_from_this();
    upstream->on_update = nullptr;
    leaving_.push_back(upstream);
    auto closed = co_await upstream->retire(drained, limit);
    std::erase(leaving_, upstream);
    if (leaving_.empty()) gone_.raise();
    co_return closed;
}

/// In the background.
void ManagerCore::retire(std::shared_ptr<Upstream> upstream) {
    const TimePoint drained = saturating_add(loop_.now(), to_duration(options_.drain_timeout));
    auto work = see_off(std::move(upstream), drained, saturating_add(drained, closing_takes));
    (void)start<void>(loop_, std::move(work));
}

Task<Result<ApplyReport>> ManagerCore::apply(std::vector<UpstreamConfig> servers) {
    auto keep = shared_from_this();
    ApplyReport report;
    if (closed_) co_return Error(ErrorKind::shutdown, "the manager is closed");
    auto before = std::exchange(upstreams_, {});
    for (UpstreamConfig& config : servers) {
        const auto old =
            std::ranges::find_if(before, [&](const auto& each) { return each && each->name() == config.name; });
        std::shared_ptr<Upstream> predecessor = old == before.end() ? nullptr : *old;
        if (predecessor && !config.fingerprint.empty() && predecessor->config().fingerprint == config.fingerprint) {
            report.unchanged.push_back(config.name);
            upstreams_.push_back(std::move(*old));
            continue;
        }
        (predecessor ? report.changed : report.added).push_back(config.name);
        const bool eager = config.upstream.start == StartPolicy::eager;
        auto upstream = make(std::move(config), predecessor);
        upstreams_.push_back(upstream);
        if ((started_ && eager) || (predecessor && predecessor->wanted())) upstream->want(OpenPriority::starting);
        if (predecessor) retire(std::move(*old));
    }
    for (auto& each : before) {
        if (!each) continue;
        report.removed.push_back(each->name());
        retire(std::move(each));
    }
    publish_directory();
    update();
    co_return report;
}

Task<Result<void>> ManagerCore::add(UpstreamConfig server) {
    auto keep = shared_from_this();
    if (closed_) co_return Error(ErrorKind::shutdown, "the manager is closed");
    if (index_of(server.name) != nowhere) {
        co_return Error(ErrorKind::invalid_config, "there is a server of the name '" + server.name + "' already");
    }
    const bool eager = server.upstream.start == StartPolicy::eager;
    upstreams_.push_back(make(std::move(server), nullptr));
    if (started_ && eager) upstreams_.back()->want(OpenPriority::starting);
    publish_directory();
    update();
    co_return Result<void>();
}

Task<Result<bool>> ManagerCore::remove(std::string name) {
    auto keep = shared_from_this();
    const std::size_t index = index_of(name);
    if (index == nowhere) co_return false;
    auto upstream = upstreams_[index];
    upstreams_.erase(upstreams_.begin() + static_cast<std::ptrdiff_t>(index));
    publish_directory();
    update();
    const TimePoint drained = saturating_add(loop_.now(), to_duration(options_.drain_timeout));
    auto closed = co_await see_off(upstream, drained, saturating_add(drained, closing_takes));
    if (closed.has_error()) co_return closed.error();
    co_return true;
}

Task<Result<StartReport>> ManagerCore::start_all(Duration limit) {
    auto keep = shared_from_this();
    started_ = true;
    const TimePoint deadline = saturating_add(loop_.now(), limit);
    auto gathering = std::make_shared<Gathering>();
    gathering->results.resize(upstreams_.size());
    gathering->outstanding = 1;  // this loop
    const Directory all = upstreams_;
    for (std::size_t i = 0; i < all.size(); ++i) {
        StartResult& result = gathering->results[i];
        result.server = all[i]->name();
        result.required = all[i]->config().upstream.required;
        if (all[i]->config().upstream.start != StartPolicy::eager && !all[i]->wanted()) {
            result.outcome = StartResult::Outcome::not_asked;
            continue;
        }
        all[i]->want(OpenPriority::starting);
        ++gathering->outstanding;
        gather(all[i], deadline, gathering, i);
    }
    if (--gathering->outstanding > 0) {
        Signal::Wait wait(gathering->done, loop_, never);
        (void)co_await wait;
    }
    update();
    StartReport report;
    report.servers = std::move(gathering->results);
    co_return report;
}

Task<Result<StartResult>> ManagerCore::start_one(std::string name, Duration limit) {
    auto keep = shared_from_this();
    const std::size_t index = index_of(name);
    if (index == nowhere) co_return Error(ErrorKind::invalid_config, "there is no server '" + name + "'");
    auto upstream = upstreams_[index];
    upstream->want(OpenPriority::waited_for);
    auto result = co_await upstream->wait_started(saturating_add(loop_.now(), limit));
    update();
    co_return result;
}

Task<Result<bool>> ManagerCore::reconnect(std::string name) {
    auto keep = shared_from_this();
    const std::size_t index = index_of(name);
    if (index == nowhere) co_return false;
    auto upstream = upstreams_[index];
    auto connected = co_await upstream->reconnect();
    co_return connected;
}

Task<Result<void>> ManagerCore::close(Duration limit) {
    auto keep = shared_from_this();
    const TimePoint end = saturating_add(loop_.now(), limit);
    if (!std::exchange(closed_, true)) {
        update_timer_.disarm();
        finish_saving();
        const Duration for_calls = limit > closing_takes ? limit - closing_takes : Duration::zero();
        const TimePoint drained = saturating_add(loop_.now(), for_calls);
        const Directory before = leaving_;
        for (const auto& each : before) each->hasten(drained, end);
        for (auto& each : std::exchange(upstreams_, {})) {
            auto work = see_off(std::move(each), drained, end);
            (void)start<void>(loop_, std::move(work));
        }
        publish_directory();
    }
    while (!leaving_.empty() && loop_.now() < end) {
        Signal::Wait wait(gone_, loop_, end);
        (void)co_await wait;
    }
    // M-9: whoever is not done by now is not waited for, and not left to itself either.
    const Directory late = leaving_;
    for (const auto& each : late) each->abandon();
    co_return Result<void>();
}

void ManagerCore::abandon() {
    closed_ = true;
    update_timer_.disarm();
    finish_saving();
    for (auto& each : std::exchange(upstreams_, {})) {
        each->on_update = nullptr;
        each->abandon();
    }
    const Directory late = leaving_;
    for (const auto& each : late) each->abandon();
    publish_directory();
}

void ManagerCore::publish_directory() {
    auto fresh = std::make_shared<const Directory>(upstreams_);
    std::lock_guard lock(mutex_);
    directory_ = std::move(fresh);
}

std::shared_ptr<const ManagerCore::Directory> ManagerCore::directory() const {
    std::lock_guard lock(mutex_);
    return directory_;
}

std::shared_ptr<Upstream> ManagerCore::find(std::string_view name) const {
    const auto all = directory();
    const auto found =
        std::ranges::find(*all, name, [](const auto& each) -> const std::string& { return each->name(); });
    return found == all->end() ? nullptr : *found;
}

std::shared_ptr<const Catalogue> ManagerCore::catalogue() const {
    std::lock_guard lock(mutex_);
    return catalogue_;
}

void ManagerCore::set_listener(Listener listener) {
    auto fresh = listener ? std::make_shared<Listener>(std::move(listener)) : nullptr;
    {
        std::lock_guard lock(mutex_);
        listener_.swap(fresh);
    }
    if (fresh) fleet_.runtime->await_listeners();
}

void ManagerCore::set_event_listener(EventListener listener) {
    auto fresh = listener ? std::make_shared<EventListener>(std::move(listener)) : nullptr;
    {
        std::lock_guard lock(mutex_);
        event_listener_.swap(fresh);
    }
    if (fresh) fleet_.runtime->await_listeners();
}

void ManagerCore::update_soon() {
    if (closed_) return;
    const TimePoint now = loop_.now();
    const bool more_to_come = *fleet_.listings > 0 || fleet_.gate->expects_others();
    const TimePoint due = pace_.due(now, upstreams_.size(), more_to_come);
    if (!update_timer_.armed() || due < update_timer_.due()) update_timer_.arm(due);
}

void ManagerCore::update() {
    update_timer_.disarm();
    std::vector<ServerOffer> offers;
    offers.reserve(upstreams_.size());
    for (const auto& each : upstreams_) offers.push_back(each->offer());
    const OfferChange change = compare_offers(merged_, offers);
    if (change == OfferChange::nothing) return;
    const auto before = catalogue();
    // A server that comes and goes without end would keep the loop busy with merging what all the others offer.
    auto fresh = std::make_shared<Catalogue>(change == OfferChange::contents ? merge_catalogue(offers)
                                                                             : refresh_catalogue(*before, offers));
    CatalogueDiff diff;
    if (change == OfferChange::contents) diff = diff_catalogues(*before, *fresh);
    merged_ = std::move(offers);
    if (diff.empty() && before->shares == fresh->shares) return;
    fresh->version = before->version + 1;
    const auto runtime = fleet_.runtime;  // the listener may end all else that holds it
    const auto listening = runtime->listening();
    std::shared_ptr<Listener> listener;
    {
        std::lock_guard lock(mutex_);
        catalogue_ = fresh;
        listener = listener_;
    }
    save_soon();
    if (listener) (*listener)(*fresh, diff);
}

void ManagerCore::save_soon() {
    if (options_.catalogue_file.empty()) return;
    unsaved_ = true;
    if (!save_timer_.armed()) save_timer_.arm(loop_.now() + save_after);
}

/// The timer comes back once after the last writing, to see how it went.
void ManagerCore::save_in_turn() {
    if (writer_.busy()) return save_timer_.arm(loop_.now() + save_after);
    tell_of_saving();
    if (!unsaved_) return;
    save();
    save_timer_.arm(loop_.now() + save_after);
}

void ManagerCore::finish_saving() {
    save_timer_.disarm();
    tell_of_saving();
    if (!unsaved_) return;
    save();
    tell_of_saving();
}

void ManagerCore::tell_of_saving() {
    if (const auto failed = writer_.failure()) tell(*fleet_.runtime, "catalogue_not_saved", failed->message());
}

/// Servers that left the configuration are forgotten with the next save; those that were never listed keep what an
/// earlier run knew of them.
void ManagerCore::save() {
    unsaved_ = false;
    CachedCatalogue keep;
    for (const auto& each : upstreams_) {
        if (each->listing().lists()) {
            keep[each->name()] = CachedLists{each->config().fingerprint, each->listing().lists()};
        }
    }
    cached_ = std::move(keep);
    writer_.write(options_.catalogue_file, write_catalogue(cached_));
}

void ManagerCore::load() {
    if (std::exchange(loaded_, true) || options_.catalogue_file.empty()) return;
    cached_ = read_catalogue(load_file(options_.catalogue_file));
}

}  // namespace haive::mcp
