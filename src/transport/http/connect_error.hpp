#pragma once

#include "haive/mcp/base/error.hpp"
#include "transport/http/http_endpoint.hpp"

#include <curl/curl.h>
#include <string>
#include <string_view>

namespace haive::mcp {

/// What is known about a connection that could not be opened.
struct ConnectFailure {
    CURLcode code = CURLE_OK;
    int os_error = 0;          ///< errno of the last address tried, or 0
    long proxy_status = 0;     ///< a proxy's answer to CONNECT, or 0
    bool custom_ca = false;    ///< `ca_file` is set
    bool client_cert = false;  ///< `client_certificate` is set
    std::string words;         ///< curl's own, may be empty; credentials in it are masked here
};

/// The error of a failed attempt: what was tried, what was seen, whether time may mend it, and what would
/// (resilience rule 1.4). Never holds a credential. Not sent, always.
[[nodiscard]] Error connect_error(const HttpEndpoint& endpoint, const ConnectFailure& failure);

/// The error of an attempt that ran out of time after `elapsed`.
[[nodiscard]] Error connect_timeout_error(const HttpEndpoint& endpoint, Duration elapsed);

/// The error of a wire that broke later on. `CURLE_OK` when the far side just closed it.
[[nodiscard]] Error broken_wire_error(CURLcode code, std::string_view words);

/// `text` with `user:password@` of any URL in it replaced; `text` is bounded to 300 bytes.
[[nodiscard]] std::string without_credentials(std::string_view text);

}  // namespace haive::mcp
