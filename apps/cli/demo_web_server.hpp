#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>

namespace haive::mcp::cli {

/// The built-in server as a program of its own that listens on 127.0.0.1. It ends with this object, and with this
/// process however that ends: its input is a pipe of ours.
class DemoWebServer {
public:
    /// `port` 0: any. Throws std::runtime_error when it does not listen.
    DemoWebServer(const std::string& program, std::uint16_t port, const std::string& era);
    ~DemoWebServer();
    DemoWebServer(const DemoWebServer&) = delete;
    DemoWebServer& operator=(const DemoWebServer&) = delete;

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// Without a word to anybody.
    void kill() noexcept;

private:
    std::string url_;
    pid_t pid_ = 0;
    int input_ = -1;
};

}  // namespace haive::mcp::cli
