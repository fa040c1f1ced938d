#pragma once

#include <memory>
#include <string_view>

namespace builtin {

/// Where what is said about one request goes: stdout, a socket, the stream of one HTTP request. What is said
/// after it has closed is lost, silently: nobody listens.
class Outlet {
public:
    virtual ~Outlet() = default;
    /// A notification, or a request of ours: one message, without its newline.
    virtual void line(std::string_view json) = 0;
    /// The answer; `code` is the error's, 0 for a result. There is one for each request, as the last message.
    virtual void answer(std::string_view json, int code) = 0;
    /// The connection is dropped under the request, with an answer to come (true) or without one.
    virtual void interrupt(bool) {}

protected:
    Outlet() = default;
    Outlet(const Outlet&) = default;
    Outlet& operator=(const Outlet&) = default;
};
using OutletPtr = std::shared_ptr<Outlet>;

}  // namespace builtin
