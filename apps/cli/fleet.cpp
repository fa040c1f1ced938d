#include "cli/fleet.hpp"

#include "cli/server_choice.hpp"
#include "haive/mcp/config/server_url.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <tuple>

namespace haive::mcp::cli {

namespace {

/// In the user's cache folder; nowhere when there is none.
std::string catalogue_file() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') {
        return std::string(cache) + "/haive-mcp/catalogue.json";
    }
    const char* home = std::getenv("HOME");
    return home != nullptr && *home == '/' ? std::string(home) + "/.cache/haive-mcp/catalogue.json" : std::string();
}

std::string listed(const char* what, const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? std::string(what) + " " : std::string(", ")) + name;
    return out;
}

std::string summary(const ApplyReport& report) {
    std::string out;
    for (const auto& part :
         {listed("added", report.added), listed("changed", report.changed), listed("removed", report.removed)}) {
        if (!part.empty()) out += (out.empty() ? "" : "; ") + part;
    }
    return out.empty() ? "nothing that matters changed" : out;
}

/// A server that cannot be used among those that can.
UpstreamInfo info_of_unusable(const ServerConfig& server) {
    UpstreamInfo out;
    out.name = server.name;
    out.required = server.upstream.required;
    out.connection.name = server.name;
    out.connection.status = ConnectionStatus::error;
    out.connection.last_error = server.unusable;
    out.connection.metadata["unusable"] = true;
    return out;
}

/// Whether two managers would be the same.
bool same(const ManagerOptions& a, const ManagerOptions& b) {
    const auto values = [](const ManagerOptions& o) {
        return std::tuple(o.catalogue_file, o.opens_per_second, o.open_burst, o.processes_at_once,
                          o.processes_per_second, o.network_opens_at_once, o.opens_per_origin, o.drain_timeout);
    };
    return values(a) == values(b);
}

}  // namespace

Fleet::Fleet(Context& context, Invocation run, bool keep_catalogue)
    : context_(context), run_(std::move(run)), keep_catalogue_(keep_catalogue) {}

Fleet::~Fleet() {
    watch_.reset();
    if (!manager_) return;
    (void)manager_->close().wait();
    manager_->set_event_listener(nullptr);
}

Result<Fleet::Meant> Fleet::meant() {
    Invocation run = run_;
    auto choice = choose_fleet(run);
    if (choice.has_error()) return choice.error();
    Meant out;
    for (auto& server : choice->servers) {
        if (run_.interval) server.options.health_check_interval = Seconds(*run_.interval);
        out.servers.push_back(server.to_upstream());
        // Who is named is wanted now.
        if (!run_.operands.empty() || !run_.server_command.empty()) {
            out.servers.back().upstream.start = StartPolicy::eager;
        }
    }
    out.manager = std::move(choice->manager);
    out.manager.runtime = context_.runtime;
    if (!keep_catalogue_) {
        out.manager.catalogue_file.clear();
    } else if (out.manager.catalogue_file.empty()) {
        out.manager.catalogue_file = catalogue_file();
    }
    const std::lock_guard lock(mutex_);
    unusable_.clear();
    for (const auto& server : choice->unusable) unusable_.push_back(info_of_unusable(server));
    transports_.clear();
    for (const auto& server : out.servers) transports_[server.name] = server.transport;
    return out;
}

int Fleet::read() {
    auto read = meant();
    if (read.has_error()) return fail(context_, read.error());
    options_ = read->manager;
    manager_.emplace(options_);
    auto applied = manager_->apply(std::move(read->servers)).wait();
    return applied.has_error() ? fail(context_, applied.error()) : exit_ok;
}

std::vector<UpstreamInfo> Fleet::unusable() const {
    const std::lock_guard lock(mutex_);
    return unusable_;
}

void Fleet::say_unusable() const {
    if (run_.quiet) return;
    for (const auto& each : unusable()) {
        std::fprintf(stderr, "%s is left out: %s\n", each.name.c_str(), each.connection.last_error->c_str());
    }
}

std::vector<UpstreamInfo> Fleet::upstreams() const {
    auto out = manager_->upstreams();
    const std::lock_guard lock(mutex_);
    for (auto& info : out) {
        if (const auto known = transports_.find(info.name); known != transports_.end()) {
            info.connection.transport = known->second;
        }
    }
    out.insert(out.end(), unusable_.begin(), unusable_.end());
    return out;
}

std::string Fleet::explain(const std::string& name) const {
    if (const auto why = manager_->explain(name)) return why->to_string();
    for (const auto& each : unusable()) {
        if (each.name == name) return name + ": cannot be used\n  because:    " + *each.connection.last_error + "\n";
    }
    return {};
}

void Fleet::apply_changes(const std::function<void(std::string)>& told) {
    auto read = meant();
    if (read.has_error()) return told(read.error().summary() + "; the servers stay as they are");
    std::string rest;
    for (const auto& each : unusable()) rest += "; " + each.name + " cannot be used: " + *each.connection.last_error;
    if (!same(read->manager, options_)) rest += "; what \"manager\" says counts from the next start";
    try {
        manager_->apply(std::move(read->servers)).then([told, rest](const Result<ApplyReport>& report) {
            if (report) told("the configuration was read anew: " + summary(*report) + rest);
        });
    } catch (const std::invalid_argument& wrong) {
        told(std::string(wrong.what()) + "; the servers stay as they are");
    }
}

void Fleet::follow(std::function<void(std::string)> told) {
    const bool no_file =
        !run_.server_command.empty() || (!run_.operands.empty() && std::ranges::all_of(run_.operands, is_server_url));
    const auto file = chosen_config_file(run_);
    if (no_file || file.has_error()) return;
    ConfigWatchOptions options;
    options.initial = false;
    auto handler = [this, told = std::move(told)](const Result<Config>& config) {
        if (config.has_error()) return told(config.error().summary() + "; the servers stay as they are");
        apply_changes(told);
    };
    watch_ = std::make_unique<ConfigWatch>(context_.runtime, *file, std::move(handler), options);
}

}  // namespace haive::mcp::cli
