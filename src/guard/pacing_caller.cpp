#include "guard/pacing_caller.hpp"

#include "client/pause.hpp"
#include "protocol/call_deadline.hpp"

#include <algorithm>
#include <cmath>

namespace haive::mcp {

namespace {
/// Those who waited for the same moment do not come back in the same one.
constexpr double spread = 0.1;
constexpr int service_unavailable = 503;
}  // namespace

Error PacingCaller::refusal(Duration wait, const Request& request) const {
    if (witness != nullptr) witness->refused(request, ErrorKind::rate_limited);
    Error error(ErrorKind::rate_limited, origin_ + " asked for patience, and this call may not wait so long");
    auto& details = error.edit();
    details.server = server_;
    details.operation = request.name.empty() ? request.method : request.method + ' ' + request.name;
    details.retry_after = wait;
    details.mend = "come back in " + std::to_string(static_cast<long>(std::ceil(to_seconds(wait)))) + " s";
    return error;
}

Task<Result<Reply>> PacingCaller::call(Request request) {
    const TimePoint until = pacing_->until(origin_);
    const TimePoint now = loop_.now();
    fix_deadline(request, now, usual_timeout_);
    if (until > now) {
        const Duration wait = until - now + to_duration(Seconds(spread * random_.uniform() * to_seconds(until - now)));
        if (wait >= std::min(patience_of(request.options, usual_timeout_), request.deadline - now))
            co_return refusal(until - now, request);
        {
            const GuardWitness::Hold hold(witness);
            Pause pause(loop_, now + wait, request.cancel.get());
            co_await pause;
        }
        if (request.cancel && request.cancel->requested()) {
            if (witness != nullptr) witness->refused(request, ErrorKind::cancelled);
            co_return Error(ErrorKind::cancelled, "cancelled by the caller while the server's pause lasted");
        }
    }
    auto reply = co_await inner_.call(std::move(request));
    if (reply.has_error()) {
        const Error error = reply.error();
        const bool paced =
            error.kind() == ErrorKind::rate_limited || error.details().http_status == service_unavailable;
        if (paced && error.details().retry_after) pacing_->note(origin_, *error.details().retry_after, loop_.now());
    }
    co_return reply;
}

}  // namespace haive::mcp
