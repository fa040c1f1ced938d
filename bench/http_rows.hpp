#pragma once

#include "rows.hpp"

#include <cstdint>
#include <string>

namespace haive::bench {

/// The echo server of the HTTP rows as a child process; ends with this object.
class HttpEcho {
public:
    /// `tls_folder`: where a certificate for 127.0.0.1 is put; empty for plain HTTP.
    HttpEcho(const std::string& program, const std::string& tls_folder);
    ~HttpEcho();
    HttpEcho(const HttpEcho&) = delete;
    HttpEcho& operator=(const HttpEcho&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string url() const;
    [[nodiscard]] const std::string& certificate() const noexcept { return certificate_; }

private:
    int stdin_ = -1;
    int pid_ = 0;
    std::uint16_t port_ = 0;
    std::string certificate_;  ///< PEM file; empty for plain HTTP
};

enum class HttpEra : std::uint8_t { legacy, modern };

/// Writes the request that the library wrote last, over and over, and reads its answer: no parsing but for
/// the count of bytes.
Sample bare_http_loop(const HttpEcho& server, int calls, int in_flight);
Sample http_client(const HttpEcho& server, HttpEra era, int calls, int in_flight);
Sample http_connection(const HttpEcho& server, HttpEra era, int calls, int in_flight);

/// Another client as a program: `COMMAND URL CALLS IN_FLIGHT` prints `CPU_US WALL_US` per call.
Sample peer_client(const std::string& command, const HttpEcho& server, int calls, int in_flight);

}  // namespace haive::bench
