#pragma once

#include "haive/mcp/transport/http.hpp"
#include "haive/mcp/transport/runtime.hpp"
#include "transport/http/http_endpoint.hpp"
#include "transport/http/http_requester.hpp"

#include <memory>

namespace haive::mcp {

/// The requester of an origin: it keeps connections alive and shares them. Everyone in a runtime who names
/// the same endpoint with the same TLS files and proxy gets the same one, with the largest of their limits;
/// it closes its connections when the last user lets go. Loop thread only. The runtime must turn a real
/// loop (std::logic_error otherwise).
[[nodiscard]] std::shared_ptr<HttpRequester> shared_http_origin(Runtime& runtime, const HttpEndpoint& endpoint,
                                                                const HttpOptions& options);

}  // namespace haive::mcp
