#include "cli/fleet.hpp"

#include "cli/server_choice.hpp"
#include "haive/mcp/base/random.hpp"
#include "haive/mcp/config/server_url.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace haive::mcp::cli {

namespace {

std::string cache_folder() {
    if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/') return cache;
    const char* home = std::getenv("HOME");
    return home != nullptr && *home == '/' ? std::string(home) + "/.cache" : std::string();
}

/// One for each configuration: two projects may have servers of the same names. None where only some of its servers
/// are meant: what is known of the others is to stay.
std::string catalogue_file(const Invocation& run) {
    const std::string folder = cache_folder();
    if (folder.empty() || !run.server_command.empty() || !run.operands.empty()) return {};
    const auto file = chosen_config_file(run);
    if (file.has_error()) return {};
    std::error_code bad;
    const std::string whole = std::filesystem::weakly_canonical(std::filesystem::absolute(*file, bad), bad).string();
    if (bad || whole.empty()) return {};
    std::array<char, 17> hash{};
    std::snprintf(hash.data(), hash.size(), "%016" PRIx64, stable_hash(whole.data(), whole.size()));
    return folder + "/haive-mcp/catalogue-" + hash.data() + ".json";
}

ManagerOptions options_for(const Context& context, const Invocation& run) {
    ManagerOptions out;
    out.runtime = context.runtime;
    out.catalogue_file = catalogue_file(run);
    return out;
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

}  // namespace

Fleet::Fleet(Context& context, Invocation run)
    : context_(context), run_(std::move(run)), manager_(options_for(context, run_)) {
    manager_.set_event_listener([this](const Event& event) { on_event(event); });
}

Fleet::~Fleet() {
    watch_.reset();
    (void)manager_.close().wait();
    manager_.set_event_listener(nullptr);
}

void Fleet::on_event(const Event& event) {
    const std::lock_guard hold(mutex_);
    const auto* oddity = std::get_if<OddityEvent>(&event.what);
    if (oddity != nullptr && oddity->kind == "flood") floods_.emplace(event.server);
    if (std::holds_alternative<SessionReplacedEvent>(event.what)) floods_.erase(std::string(event.server));
    if (listener_) listener_(event);
}

void Fleet::listen(std::function<void(const Event&)> listener) {
    const std::lock_guard hold(mutex_);
    listener_ = std::move(listener);
}

std::set<std::string> Fleet::floods() const {
    const std::lock_guard hold(mutex_);
    return floods_;
}

Result<std::vector<UpstreamConfig>> Fleet::meant() const {
    Invocation run = run_;
    auto servers = choose_servers(run);
    if (servers.has_error()) return servers.error();
    std::vector<UpstreamConfig> out;
    for (auto& server : *servers) {
        if (run_.interval) server.options.health_check_interval = Seconds(*run_.interval);
        out.push_back(server.to_upstream());
        // Who is named is wanted now.
        if (!run_.operands.empty() || !run_.server_command.empty()) out.back().upstream.start = StartPolicy::eager;
    }
    return out;
}

int Fleet::read() {
    auto servers = meant();
    if (servers.has_error()) return fail(context_, servers.error());
    auto applied = manager_.apply(std::move(*servers)).wait();
    return applied.has_error() ? fail(context_, applied.error()) : exit_ok;
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
        auto servers = meant();
        if (servers.has_error()) return told(servers.error().summary() + "; the servers stay as they are");
        try {
            manager_.apply(std::move(*servers)).then([told](const Result<ApplyReport>& report) {
                if (report) told("the configuration was read anew: " + summary(*report));
            });
        } catch (const std::invalid_argument& wrong) {
            told(std::string(wrong.what()) + "; the servers stay as they are");
        }
    };
    watch_ = std::make_unique<ConfigWatch>(context_.runtime, *file, std::move(handler), options);
}

}  // namespace haive::mcp::cli
