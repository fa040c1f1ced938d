#pragma once

#include "haive/mcp/base/loop.hpp"
#include "transport/http/http_requester.hpp"

#include <memory>
#include <string>

namespace haive::mcp {

/// Tells a server that a session is over (DELETE) and calls `done` when it has answered in whatever way, or
/// after two seconds. A courtesy: nothing depends on it.
void delete_session(Loop& loop, std::shared_ptr<HttpRequester> requester, std::string target, std::string headers,
                    UniqueFunction<void()> done);

}  // namespace haive::mcp
