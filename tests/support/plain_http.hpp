#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cstdint>

namespace haive::mcp::testing {

/// An HTTP/1.1 client that blocks and hides nothing: one connection, no code of the library. Waits ten seconds at most
/// for bytes.
class PlainHttp {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;
    struct Answer {
        int status = 0;
        std::map<std::string, std::string> headers;  ///< names in lower case
        std::string body;
        bool whole = false;  ///< the body came to its end
    };

    explicit PlainHttp(std::uint16_t port);
    ~PlainHttp();
    PlainHttp(const PlainHttp&) = delete;
    PlainHttp& operator=(const PlainHttp&) = delete;

    /// Sends one request. A `Host` of the loopback goes along unless `headers` has one, and a `Content-Length`.
    void send(std::string_view method, std::string_view path, const Headers& headers, std::string_view body = {});
    /// The head of the answer; its body is still to come.
    Answer read_head();
    /// The whole answer.
    Answer read();
    /// The next event's data, of the answer whose head was read; nullopt at its end. Events without data are left out.
    std::optional<std::string> next_event();
    /// The id of the last event that brought one.
    [[nodiscard]] const std::string& last_id() const noexcept { return last_id_; }
    /// Bytes as they are.
    void send_raw(std::string_view bytes) const;
    /// What comes, as it is, up to `end` or the end of the connection.
    std::string read_until(std::string_view end);

private:
    bool more();
    bool take_body();

    int fd_;
    std::string in_;
    std::string body_;
    bool chunked_ = false;
    bool ended_ = false;
    std::optional<std::size_t> left_;
    std::string last_id_;
};

}  // namespace haive::mcp::testing
