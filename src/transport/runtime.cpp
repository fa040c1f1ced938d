#include "haive/mcp/transport/runtime.hpp"

#include "haive/mcp/base/exceptions.hpp"
#include "transport/http/http_resources.hpp"
#include "transport/loop/epoll_loop.hpp"
#include "transport/stdio/guardian_spawner.hpp"
#include "transport/stdio/process_spawner.hpp"
#include "transport/stream/stream_resources.hpp"

#include <atomic>
#include <csignal>
#include <ctime>
#include <pthread.h>
#include <stdexcept>
#include <thread>

namespace haive::mcp {

struct Runtime::Impl {
    std::shared_ptr<EpollLoop> epoll;
    std::function<void()> turn;
    std::thread thread;
    bool own_thread = false;
    std::recursive_mutex listening;
    std::mutex sink_mutex;
    std::shared_ptr<EventSink> sink;
};

std::shared_ptr<Runtime> Runtime::shared() {
    // The one documented global: made at first use, let go at exit.
    static const std::shared_ptr<Runtime> runtime = threaded();
    return runtime;
}

std::shared_ptr<Runtime> Runtime::threaded(RuntimeParts parts) {
    return std::shared_ptr<Runtime>(new Runtime(std::move(parts), true));
}

std::shared_ptr<Runtime> Runtime::manual(RuntimeParts parts) {
    return std::shared_ptr<Runtime>(new Runtime(std::move(parts), false));
}

Runtime::Runtime(RuntimeParts parts, bool own_thread)
    : impl_(std::make_unique<Impl>()),
      loop_(std::move(parts.loop)),
      random_(std::move(parts.random)),
      metrics_(std::move(parts.metrics)),
      calls_(std::move(parts.calls)),
      spawner_(std::move(parts.spawner)),
      stream_resources_(std::make_unique<StreamResources>()) {
    if (!loop_) {
        impl_->epoll = std::make_shared<EpollLoop>();
        loop_ = impl_->epoll;
    }
    if (!random_) random_ = std::make_unique<SplitMix>(os_seed());
    impl_->sink = std::move(parts.events);
    impl_->turn = std::move(parts.turn);
    impl_->own_thread = own_thread && impl_->epoll != nullptr;
    if (impl_->epoll && !own_thread) impl_->epoll->adopt_this_thread();
    if (!impl_->own_thread) return;
    impl_->thread = std::thread([loop = impl_->epoll] {
        // A write to a dead child's pipe must be an error, not a signal; the thread is ours to set up.
        // Other signals belong to the program's own threads.
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        loop->run();
    });
}

Runtime::~Runtime() {
    if (!impl_->own_thread) return;
    impl_->epoll->stop();
    if (impl_->epoll->on_loop_thread()) {
        impl_->thread.detach();  // the last owner let go on our own thread: it ends by itself
    } else {
        impl_->thread.join();
    }
}

ProcessSpawner& Runtime::spawner() {
    if (!spawner_) spawner_ = make_guardian_spawner(*loop_);
    return *spawner_;
}

HttpResources& Runtime::http_resources() {
    if (!http_resources_) {
        auto* epoll = dynamic_cast<EpollLoop*>(loop_.get());
        if (epoll == nullptr) throw std::logic_error("haive::mcp: HTTP needs the runtime's own loop");
        http_resources_ = std::make_unique<HttpResources>(*epoll);
    }
    return *http_resources_;
}

void Runtime::set_event_sink(std::shared_ptr<EventSink> sink) {
    std::lock_guard lock(impl_->sink_mutex);
    impl_->sink.swap(sink);
}

void Runtime::emit(const Event& event) noexcept {
    std::shared_ptr<EventSink> sink;
    {
        std::lock_guard lock(impl_->sink_mutex);
        sink = impl_->sink;
    }
    if (sink) sink->on_event(event);
}

std::unique_lock<std::recursive_mutex> Runtime::listening() { return std::unique_lock(impl_->listening); }

void Runtime::await_listeners() {
    if (!loop_->on_loop_thread()) const auto none_runs = listening();
}

bool Runtime::turns_by_hand() const noexcept { return !impl_->own_thread; }

namespace {

/// Keeps SIGPIPE from a thread that is not ours while it turns the loop: a write to a dead child's pipe must
/// be an error, not the program's end. One that came meanwhile is taken away; the mask is put back.
class NoBrokenPipeSignal {
public:
    NoBrokenPipeSignal() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~NoBrokenPipeSignal() {
        if (sigismember(&before_, SIGPIPE) != 0) return;
        sigset_t pending;
        sigpending(&pending);
        const timespec at_once{};
        if (sigismember(&pending, SIGPIPE) != 0) sigtimedwait(&pipe_, nullptr, &at_once);
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoBrokenPipeSignal(const NoBrokenPipeSignal&) = delete;
    NoBrokenPipeSignal& operator=(const NoBrokenPipeSignal&) = delete;

private:
    sigset_t pipe_{};
    sigset_t before_{};
};

}  // namespace

void Runtime::turn() {
    turn_while([first = true]() mutable { return std::exchange(first, false); });
}

void Runtime::turn_while(const std::function<bool()>& wanted) {
    const NoBrokenPipeSignal guard;
    while (wanted()) {
        if (impl_->turn) {
            impl_->turn();
        } else if (impl_->epoll) {
            impl_->epoll->turn();
        }
    }
}

namespace detail {

Error error_from_exception(std::exception_ptr thrown) {
    try {
        std::rethrow_exception(std::move(thrown));
    } catch (const MCPError& e) {
        return e.error();
    } catch (const std::exception& e) {
        return Error(ErrorKind::encode_error, std::string("a coroutine ended with an exception: ") + e.what());
    } catch (...) {
        return Error(ErrorKind::encode_error, "a coroutine ended with an exception that is no std::exception");
    }
}

}  // namespace detail

}  // namespace haive::mcp
