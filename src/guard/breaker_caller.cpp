#include "guard/breaker_caller.hpp"

#include "guard/call_verdict.hpp"

#include <algorithm>
#include <cmath>

namespace haive::mcp {

namespace {

constexpr Duration longest_probe = std::chrono::seconds(5);

/// Gives an admission back however its call ends, an exception in a user's function included.
class Place {
public:
    Place(CircuitBreaker& breaker, std::uint64_t life) noexcept : breaker_(&breaker), life_(life) {}
    ~Place() {
        if (breaker_ != nullptr) breaker_->left(life_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    void taken() noexcept { breaker_ = nullptr; }

private:
    CircuitBreaker* breaker_;
    std::uint64_t life_;
};

}  // namespace

Error BreakerCaller::refusal(const CircuitBreaker::Admission& admission, const Request& request) {
    ++refused_;
    if (witness != nullptr) witness->refused(request, ErrorKind::circuit_open);
    std::string text = "refused at once, since calls to this server keep failing";
    if (!last_failure_.empty()) text += "; the last failure: " + last_failure_;
    Error error(ErrorKind::circuit_open, std::move(text));
    auto& details = error.edit();
    details.server = server_;
    details.operation = request.name.empty() ? request.method : request.method + ' ' + request.name;
    details.retry_after = admission.retry_after;
    const auto seconds = static_cast<long>(std::ceil(to_seconds(admission.retry_after)));
    details.mend = "it is tried again in " + std::to_string(std::max(1L, seconds)) + " s; nothing was sent";
    return error;
}

/// Nobody's call: it goes on when the one that found it due has gone.
detail::Detached BreakerCaller::probe(std::uint64_t life) {
    const auto alive = alive_;
    auto answered = co_await prober_(longest_probe);
    if (!*alive) co_return;
    // A refusal of our credentials is an answer: the server lives, and the call will say what it wants.
    const bool well = answered.has_value() || answered.error().kind() == ErrorKind::rpc_error ||
                      answered.error().kind() == ErrorKind::auth_required;
    if (!well) last_failure_ = answered.error().message();
    breaker_.probed(life, well, loop_.now(), random_.uniform());
    if (on_probed) on_probed();
    probed_.raise();
}

void BreakerCaller::look() {
    if (breaker_.state() == BreakerState::closed || breaker_.proven()) return;
    const auto admission = breaker_.admit(loop_.now());
    if (admission.verdict == CircuitBreaker::Verdict::probe_first) probe(admission.life);
}

Task<Result<Reply>> BreakerCaller::call(Request request) {
    CircuitBreaker::Admission admission = breaker_.admit(loop_.now());
    if (admission.verdict == CircuitBreaker::Verdict::probe_first) {
        Signal::Wait wait(probed_, loop_, request.deadline);
        if (request.cancel) request.cancel->set([this] { probed_.raise(); });
        probe(admission.life);
        {
            const GuardWitness::Hold hold(witness);
            (void)co_await wait;
        }
        if (request.cancel) request.cancel->clear();
        if (request.cancel && request.cancel->requested()) {
            if (witness != nullptr) witness->refused(request, ErrorKind::cancelled);
            Error error(ErrorKind::cancelled, "cancelled by the caller while the server was probed");
            error.edit().operation = request.name.empty() ? request.method : request.method + ' ' + request.name;
            co_return error;
        }
        admission = breaker_.admit(loop_.now());
    }
    if (admission.verdict != CircuitBreaker::Verdict::go) co_return refusal(admission, request);

    Place place(breaker_, admission.life);
    const TimePoint began = loop_.now();
    auto reply = co_await inner_.call(std::move(request));
    switch (sign_of(reply, loop_.now() - began)) {
        case ServerSign::alive:
            place.taken();
            breaker_.succeeded(admission.life, loop_.now());
            break;
        case ServerSign::failing:
            place.taken();
            last_failure_ = reply.error().message();
            breaker_.failed(admission.life, loop_.now(), random_.uniform());
            break;
        case ServerSign::none: break;
    }
    co_return reply;
}

}  // namespace haive::mcp
