#include "transport/http/curl_multi.hpp"

#include <new>
#include <openssl/crypto.h>
#include <utility>

namespace haive::mcp {

/// A socket of curl's that it wants to be told about. The descriptor is lent: released, never closed.
struct CurlMulti::Watched {
    Watched(EpollLoop& loop, curl_socket_t s) : descriptor(loop, s), socket(s) {}
    Descriptor descriptor;
    curl_socket_t socket;
    int wanted = 0;
    bool reading = false;
    bool writing = false;
    bool gone = false;
};

CurlMulti::CurlMulti(EpollLoop& loop)
    : loop_(loop), timer_(loop, [this] { act(CURL_SOCKET_TIMEOUT, 0); }), self_(std::make_shared<CurlMulti*>(this)) {
    // OpenSSL's cleanup at exit frees what a loop thread that is still ending frees too (its own
    // state per thread): the process's end gives the memory back just as well. No effect when the
    // program has set OpenSSL up before.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
    // Counted by curl itself and safe from any thread; there is no matching cleanup because a resolver
    // thread that was given up may still be running.
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = curl_multi_init();
    if (multi_ == nullptr) throw std::bad_alloc();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

CurlMulti::~CurlMulti() {
    *self_ = nullptr;
    curl_multi_cleanup(multi_);
    for (auto& [socket, watched] : watched_) watched->descriptor.release();
}

void CurlMulti::add(CURL* easy, Done done) {
    running_.insert_or_assign(easy, std::move(done));
    curl_multi_add_handle(multi_, easy);  // calls on_timer, which posts
}

void CurlMulti::remove(CURL* easy) noexcept {
    running_.erase(easy);
    curl_multi_remove_handle(multi_, easy);
}

int CurlMulti::on_socket(CURL*, curl_socket_t socket, int what, void* self, void* watched) {
    static_cast<CurlMulti*>(self)->watch(socket, what, static_cast<Watched*>(watched));
    return 0;
}

void CurlMulti::watch(curl_socket_t socket, int what, Watched* watched) {
    if (what == CURL_POLL_REMOVE) {
        const auto found = watched_.find(socket);
        if (found == watched_.end()) return;
        found->second->gone = true;
        found->second->descriptor.release();
        watched_.erase(found);
        return;
    }
    std::shared_ptr<Watched>& entry = watched_[socket];
    if (!entry) entry = std::make_shared<Watched>(loop_, socket);
    if (watched == nullptr) curl_multi_assign(multi_, socket, entry.get());
    entry->wanted = what;
    if ((what & CURL_POLL_IN) != 0) await(entry, false);
    if ((what & CURL_POLL_OUT) != 0) await(entry, true);
}

void CurlMulti::await(const std::shared_ptr<Watched>& watched, bool write) {
    bool& waiting = write ? watched->writing : watched->reading;
    if (waiting) return;
    waiting = true;
    auto ready = [self = self_, watched, write] {
        (write ? watched->writing : watched->reading) = false;
        if (watched->gone || *self == nullptr) return;
        const int interest = write ? CURL_POLL_OUT : CURL_POLL_IN;
        if ((watched->wanted & interest) == 0) return;  // curl changed its mind meanwhile
        (*self)->act(watched->socket, write ? CURL_CSELECT_OUT : CURL_CSELECT_IN);
        if (watched->gone || *self == nullptr || (watched->wanted & interest) == 0) return;
        (*self)->await(watched, write);
    };
    if (write) {
        watched->descriptor.wait_writable(std::move(ready));
    } else {
        watched->descriptor.wait_readable(std::move(ready));
    }
}

int CurlMulti::on_timer(CURLM*, long milliseconds, void* self) {
    auto& multi = *static_cast<CurlMulti*>(self);
    if (milliseconds < 0) {
        multi.timer_.disarm();
    } else if (milliseconds > 0) {
        multi.timer_.arm(saturating_add(multi.loop_.now(), std::chrono::milliseconds(milliseconds)));
    } else if (!multi.timeout_posted_) {
        // A zero timer would cost a system call to be told what is known already.
        multi.timeout_posted_ = true;
        multi.loop_.post([alive = multi.self_] {
            if (*alive == nullptr) return;
            (*alive)->timeout_posted_ = false;
            (*alive)->act(CURL_SOCKET_TIMEOUT, 0);
        });
    }
    return 0;
}

void CurlMulti::act(curl_socket_t socket, int events) {
    int running = 0;
    curl_multi_socket_action(multi_, socket, events, &running);
    deliver();
}

void CurlMulti::deliver() {
    auto self = self_;
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;
        const auto found = running_.find(message->easy_handle);
        if (found == running_.end()) continue;
        Done done = std::move(found->second);
        running_.erase(found);
        done(code);
        if (*self == nullptr) return;
    }
}

}  // namespace haive::mcp
