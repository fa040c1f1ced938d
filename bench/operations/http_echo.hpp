#pragma once

#include <cstdint>
#include <string>

namespace haive::bench {

/// The benchmark's echo server over HTTP (bench/servers/echo.cpp) as a child process; ends with this object.
class HttpEcho {
public:
    explicit HttpEcho(const std::string& program);
    ~HttpEcho();
    HttpEcho(const HttpEcho&) = delete;
    HttpEcho& operator=(const HttpEcho&) = delete;

    [[nodiscard]] std::string url() const;

private:
    int stdin_ = -1;
    int pid_ = 0;
    std::uint16_t port_ = 0;
};

}  // namespace haive::bench
