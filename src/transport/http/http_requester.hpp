#pragma once

#include "haive/mcp/base/error.hpp"
#include "haive/mcp/base/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// How much of a request the kernel has taken: the ground of every delivery verdict over HTTP.
enum class HttpSent : std::uint8_t {
    nothing,  ///< not one byte: it cannot have been executed
    part,     ///< some, but not the whole body: no server can have taken it for a request
    whole,    ///< all of it
};

/// One request on its way to an origin.
struct HttpRequest {
    HttpRequest() = default;
    std::string_view method = "POST";  ///< a literal
    std::string target;                ///< origin-form: path and query
    /// Header lines, each ended by CRLF and free of other line breaks. `Host`, `Content-Length`,
    /// `Accept-Encoding` and `Connection` are the requester's own.
    std::string headers;
    std::string body;
    /// When a connection has to be there. The answer's own limits belong to the caller.
    TimePoint connect_deadline = never;
    /// An event stream: lives long and does not count against the limit of connections.
    bool long_lived = false;
    /// May be executed twice without harm: may use a connection that the server may just be closing.
    bool harmless_twice = false;
};

/// Where the time of getting connected went; zeros when a connection was reused.
struct HttpTimings {
    Duration name_lookup{};
    Duration connect{};     ///< TCP, after the lookup
    Duration tls{};         ///< after TCP
    Duration first_byte{};  ///< from the request's last byte to the answer's first
    bool reused = false;
};

/// The head of an answer. Views live as long as the callback.
class HttpHead {
public:
    struct Field {
        std::string_view name;
        std::string_view value;  ///< without surrounding blanks
    };
    int status = 0;
    std::vector<Field> fields;
    HttpTimings timings;

    /// The first field of that name, in any case; empty when there is none.
    [[nodiscard]] std::string_view find(std::string_view name) const noexcept;
    [[nodiscard]] bool has(std::string_view name) const noexcept;
};

/// How an exchange ended. Without an error the answer came whole.
struct HttpEnd {
    std::optional<Error> error;  ///< its disposition is only what was sent says; no MCP knowledge in it
    HttpSent sent = HttpSent::nothing;
    bool head_seen = false;
};

/// Who waits for the answer. Loop thread only. Any callback may destroy the operation.
class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    virtual void on_head(const HttpHead& head) = 0;
    /// A piece of the body, chunks and compression undone. It may be scribbled on and has `read_slack`
    /// (byte_stream.hpp) readable bytes behind it.
    virtual void on_body(char* data, std::size_t size) = 0;
    /// Exactly once, last; never from inside `start`.
    virtual void on_end(HttpEnd end) = 0;
};

/// A request in flight. Destroying it cancels: the connection is closed unless the answer had come whole.
class HttpOperation {
public:
    virtual ~HttpOperation() = default;
    [[nodiscard]] virtual HttpSent sent() const noexcept = 0;
    /// The request's body, back from one that has ended: it may have to be sent again. Once.
    [[nodiscard]] virtual std::string take_body() noexcept = 0;
};

/// Sends requests to one origin over connections that are kept alive. Nothing is ever sent twice: a
/// connection that breaks under a request ends that request with what is known about it.
class HttpRequester {
public:
    virtual ~HttpRequester() = default;
    [[nodiscard]] virtual std::unique_ptr<HttpOperation> start(HttpRequest request, HttpHandler& handler) = 0;
};

}  // namespace haive::mcp
