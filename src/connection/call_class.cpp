#include "connection/call_class.hpp"

namespace haive::mcp {

RetryTraits traits_of(const Request& request, bool trust_annotations) noexcept {
    RetryTraits traits;
    traits.marked_idempotent = request.options.idempotent;
    traits.carries_input_responses = request.carries_input;
    traits.annotations_trusted_and_hint = trust_annotations && request.hinted_repeatable;
    return traits;
}

CallClass call_class(RetryClass retry_class) noexcept {
    switch (retry_class) {
        case RetryClass::protocol_read: return CallClass::protocol_read;
        case RetryClass::idempotent: return CallClass::idempotent;
        case RetryClass::never_twice:
        case RetryClass::notification: break;
    }
    return CallClass::never_twice;
}

void count_refusal(ServerMetrics& metrics, const Request& request, bool trust_annotations, ErrorKind kind) noexcept {
    const auto c = call_class(retry_class(request.method, traits_of(request, trust_annotations)));
    metrics.failed[at(Disposition::not_sent)][at(kind)][at(c)].add();
}

}  // namespace haive::mcp
