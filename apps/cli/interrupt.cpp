#include "cli/interrupt.hpp"

#include "cli/exit_code.hpp"

#include <csignal>
#include <pthread.h>
#include <unistd.h>

namespace haive::mcp::cli {

namespace {

sigset_t watched_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&set, signal);
    return set;
}

}  // namespace

Interrupt::Interrupt() {
    const sigset_t set = watched_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    thread_ = std::thread([this] { watch(); });
}

Interrupt::~Interrupt() {
    {
        std::lock_guard lock(mutex_);
        over_ = true;
    }
    pthread_kill(thread_.native_handle(), SIGUSR2);
    thread_.join();
}

void Interrupt::watch() {
    const sigset_t set = watched_signals();
    for (;;) {
        int signal = 0;
        sigwait(&set, &signal);
        std::lock_guard lock(mutex_);
        if (over_) return;
        if (signal == SIGUSR2) continue;
        if (signal == SIGUSR1) {
            if (user_action_) user_action_();
            continue;
        }
        if (requested_) _exit(exit_interrupted);  // the guardian ends the servers
        requested_ = true;
        if (action_) action_();
        changed_.notify_all();
    }
}

bool Interrupt::requested() {
    std::lock_guard lock(mutex_);
    return requested_;
}

void Interrupt::on_user_signal(std::function<void()> action) {
    std::lock_guard lock(mutex_);
    user_action_ = std::move(action);
}

bool Interrupt::sleep_until(std::optional<std::chrono::steady_clock::time_point> until) {
    std::unique_lock lock(mutex_);
    const auto over = [this] { return requested_; };
    if (until) {
        changed_.wait_until(lock, *until, over);
    } else {
        changed_.wait(lock, over);
    }
    return !requested_;
}

Interrupt::Scope::Scope(Interrupt& owner, std::function<void()> action) : owner_(owner) {
    std::lock_guard lock(owner_.mutex_);
    owner_.action_ = std::move(action);
    if (owner_.requested_) owner_.action_();
}

Interrupt::Scope::~Scope() {
    std::lock_guard lock(owner_.mutex_);
    owner_.action_ = nullptr;
}

}  // namespace haive::mcp::cli
