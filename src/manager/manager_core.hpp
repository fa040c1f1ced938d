#pragma once

#include "haive/mcp/manager/manager_options.hpp"
#include "haive/mcp/manager/upstream_info.hpp"
#include "manager/catalogue_pace.hpp"
#include "manager/catalogue_plan.hpp"
#include "manager/catalogue_writer.hpp"
#include "manager/fleet.hpp"
#include "manager/upstream.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace haive::mcp {

/// What is behind an MCPManager: the list of upstreams, their merged catalogue, and the file that keeps it.
/// Loop thread only, but for the functions marked otherwise.
class ManagerCore final : public std::enable_shared_from_this<ManagerCore> {
public:
    explicit ManagerCore(ManagerOptions options);

    /// `servers` are checked already.
    Task<Result<ApplyReport>> apply(std::vector<UpstreamConfig> servers);
    Task<Result<void>> add(UpstreamConfig server);
    Task<Result<bool>> remove(std::string name);
    Task<Result<StartReport>> start_all(Duration limit);
    Task<Result<StartResult>> start_one(std::string name, Duration limit);
    Task<Result<bool>> reconnect(std::string name);
    Task<Result<void>> close(Duration limit);
    /// The handle is gone.
    void abandon();

    // Any thread.
    using Directory = std::vector<std::shared_ptr<Upstream>>;
    [[nodiscard]] std::shared_ptr<const Directory> directory() const;
    [[nodiscard]] std::shared_ptr<Upstream> find(std::string_view name) const;
    [[nodiscard]] std::shared_ptr<const Catalogue> catalogue() const;
    [[nodiscard]] Runtime& runtime() noexcept { return *fleet_.runtime; }
    using Listener = std::function<void(const Catalogue&, const CatalogueDiff&)>;
    void set_listener(Listener listener);
    using EventListener = std::function<void(const Event&)>;
    void set_event_listener(EventListener listener);

private:
    std::shared_ptr<Upstream> make(UpstreamConfig config, const std::shared_ptr<Upstream>& predecessor);
    Task<Result<void>> see_off(std::shared_ptr<Upstream> upstream, TimePoint drained, TimePoint limit);
    void retire(std::shared_ptr<Upstream> upstream);
    void publish_directory();
    void update_soon();
    void update();
    void save_soon();
    void save_in_turn();
    void save();
    void finish_saving();
    void tell_of_saving();
    void load();
    [[nodiscard]] std::size_t index_of(std::string_view name) const;

    const ManagerOptions options_;
    Fleet fleet_;
    Loop& loop_;
    std::vector<std::shared_ptr<Upstream>> upstreams_;  // in the configuration's order
    std::vector<std::shared_ptr<Upstream>> leaving_;    // out of the list, and not gone yet
    Signal gone_;
    bool started_ = false;
    bool closed_ = false;
    bool loaded_ = false;
    bool unsaved_ = false;
    CachedCatalogue cached_;
    CatalogueWriter writer_;
    std::vector<ServerOffer> merged_;  // what the catalogue was made of
    CataloguePace pace_;
    Timer update_timer_;
    Timer save_timer_;

    mutable std::mutex mutex_;  // guards the rest; never held while foreign code runs
    std::shared_ptr<const Directory> directory_ = std::make_shared<Directory>();
    std::shared_ptr<const Catalogue> catalogue_ = std::make_shared<Catalogue>();
    std::shared_ptr<Listener> listener_;
    std::shared_ptr<EventListener> event_listener_;
};

}  // namespace haive::mcp
