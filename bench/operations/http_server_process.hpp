#pragma once

#include <string>

namespace haive::bench {

/// `haive-bench-echo http` as a child process, on loopback; ends with this object.
class HttpServerProcess {
public:
    explicit HttpServerProcess(const std::string& program);
    ~HttpServerProcess();
    HttpServerProcess(const HttpServerProcess&) = delete;
    HttpServerProcess& operator=(const HttpServerProcess&) = delete;

    [[nodiscard]] const std::string& url() const noexcept { return url_; }

private:
    int stdin_ = -1;  // its end ends the server
    int pid_ = 0;
    std::string url_;
};

}  // namespace haive::bench
