#include "connection/call_meter.hpp"

#include "connection/call_class.hpp"
#include "connection/tool_error.hpp"
#include "connection/trace_parent.hpp"
#include "haive/mcp/base/clock.hpp"

#include <algorithm>

namespace haive::mcp {

namespace {

/// Other requests' names may be URIs, which may hold what is nobody else's business.
bool has_public_name(const Request& request) noexcept {
    return request.method == "tools/call" || request.method == "prompts/get";
}

}  // namespace

CallMeter::CallMeter(std::string_view server, Runtime& runtime, ServerMetrics* metrics, std::uint64_t number,
                     const Request& request, RetryClass retry_class, std::optional<TraceContext>& trace)
    : server_(server),
      runtime_(runtime),
      metrics_(metrics),
      observer_(runtime.call_observer()),
      request_(request),
      number_(number),
      class_(at(call_class(retry_class))) {
    if (metrics_ != nullptr) metrics_->active.add();
    if (metrics_ == nullptr && !observer_) return;
    began_ = runtime.loop().now();
    if (!observer_) return;
    wall_began_ = wall_clock_now();
    if (!observer_->traces()) return;
    if (!trace) trace = first_span(request.options.meta, runtime.random());
    trace_ = *trace;
}

CallMeter::~CallMeter() {
    waits(false);
    if (metrics_ != nullptr) metrics_->active.add(-1);
}

void CallMeter::attempt_begins(Request& request, int attempt, std::string_view version) {
    attempts_ = attempt;
    if (metrics_ != nullptr || observer_) version_ = version;
    if (!observer_) return;
    attempt_began_ = runtime_.loop().now();
    wall_attempt_began_ = wall_clock_now();
    if (!observer_->traces()) return;
    attempt_trace_ = child_span(trace_, runtime_.random());
    request.options.meta["traceparent"] = trace_parent_text(attempt_trace_);
}

void CallMeter::attempt_ends(const Result<Reply>& reply, int attempt, std::uint64_t generation) {
    if (observer_) tell(reply, attempt, attempt_began_, attempt_trace_, generation);
}

void CallMeter::retried(ErrorKind why, bool transparent) noexcept {
    if (metrics_ == nullptr) return;
    auto& counters = transparent ? metrics_->transparent_retries : metrics_->retries;
    counters[at(why)].add();
}

CallEnd CallMeter::end_of(const Result<Reply>& reply) const {
    CallEnd end;
    if (reply.has_error()) {
        end.kind = reply.error().kind();
        end.rpc_code = reply.error().details().rpc_code;
    } else {
        end.tool_error = request_.method == "tools/call" && is_tool_error(reply->result.text());
    }
    return end;
}

Result<Reply> CallMeter::ended(Result<Reply> reply, double tokens_left) {
    if (metrics_ != nullptr) {
        const CallEnd end = end_of(reply);
        metrics_->retry_budget.set(tokens_left);
        if (end.kind) {
            metrics_->failed[at(reply.error().disposition())][at(*end.kind)][class_].add();
        } else {
            (end.tool_error ? metrics_->tool_errors : metrics_->answered)[class_].add();
        }
        if (auto* h = metrics_->histograms()) {
            h->operations.of(request_.method, request_.name, version_).record(end, runtime_.loop().now() - began_);
        }
    }
    if (observer_) tell(reply, 0, began_, trace_, reply.has_error() ? 0 : reply->generation);
    return reply;
}

void CallMeter::tell(const Result<Reply>& reply, int attempt, TimePoint began, const TraceContext& trace,
                     std::uint64_t generation) {
    const CallEnd end = end_of(reply);
    CallRecord record;
    record.server = server_;
    record.method = request_.method;
    if (has_public_name(request_)) record.name = request_.name;
    record.number = number_;
    record.attempt = attempt;
    record.attempts = std::max(attempts_, 1);
    record.began = began;
    record.wall_began = attempt == 0 ? wall_began_ : wall_attempt_began_;
    record.elapsed = runtime_.loop().now() - began;
    record.bytes_out = request_.params.size();
    record.generation = generation;
    record.kind = end.kind;
    record.rpc_code = end.rpc_code;
    record.error_type = error_type(end);
    record.protocol_version = version_;
    record.trace = trace;
    if (reply.has_error()) {
        record.disposition = reply.error().disposition();
    } else {
        record.bytes_in = reply->result.text().size();
    }
    observer_->on_call(record);
}

void tell_of_refusal(std::string_view server, Runtime& runtime, const Request& request, const Refusal& refusal) {
    const auto observer = runtime.call_observer();
    if (!observer) return;
    const TimePoint now = runtime.loop().now();
    CallEnd end;
    end.kind = refusal.why;
    CallRecord record;
    record.server = server;
    record.method = request.method;
    if (has_public_name(request)) record.name = request.name;
    record.attempts = refusal.attempts;
    record.began = request.came == TimePoint() ? now : request.came;
    record.elapsed = now - record.began;
    record.wall_began = wall_clock_now() - record.elapsed;
    record.bytes_out = request.params.size();
    record.kind = refusal.why;
    record.error_type = error_type(end);
    record.disposition = refusal.disposition;
    if (refusal.trace) {
        record.trace = *refusal.trace;
    } else if (observer->traces()) {
        record.trace = first_span(request.options.meta, runtime.random());
    }
    observer->on_call(record);
}

}  // namespace haive::mcp
