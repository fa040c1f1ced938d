#pragma once

#include "haive/mcp/base/unique_function.hpp"
#include "transport/loop/descriptor.hpp"
#include "transport/loop/epoll_loop.hpp"

#include <curl/curl.h>
#include <memory>
#include <unordered_map>

namespace haive::mcp {

/// libcurl's multi handle on our loop: it opens connections, one for all origins of a loop, because the
/// parsed trust store is cached in it. Loop thread only; curl is never entered from within its own callbacks.
class CurlMulti {
public:
    explicit CurlMulti(EpollLoop& loop);
    ~CurlMulti();
    CurlMulti(const CurlMulti&) = delete;
    CurlMulti& operator=(const CurlMulti&) = delete;

    using Done = UniqueFunction<void(CURLcode)>;
    /// Starts `easy`; `done` comes once, later, from outside of curl, with the handle still in the multi.
    void add(CURL* easy, Done done);
    /// Takes the handle out, which closes its connection; its `done` does not come any more.
    void remove(CURL* easy) noexcept;

private:
    struct Watched;
    static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* watched);
    static int on_timer(CURLM* multi, long milliseconds, void* self);
    void watch(curl_socket_t socket, int what, Watched* watched);
    void await(const std::shared_ptr<Watched>& watched, bool write);
    void act(curl_socket_t socket, int events);
    void deliver();

    EpollLoop& loop_;
    CURLM* multi_;
    Timer timer_;
    std::unordered_map<curl_socket_t, std::shared_ptr<Watched>> watched_;
    std::unordered_map<CURL*, Done> running_;
    std::shared_ptr<CurlMulti*> self_;
    bool timeout_posted_ = false;
};

}  // namespace haive::mcp
