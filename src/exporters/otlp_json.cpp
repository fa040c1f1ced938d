#include "exporters/otlp_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace haive::mcp {

namespace {

namespace json = boost::json;

constexpr int kind_client = 3;
constexpr int status_error = 2;
constexpr int cumulative = 2;

std::string hex(std::span<const std::uint8_t> bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const std::uint8_t b : bytes) {
        out += digits[b >> 4U];
        out += digits[b & 15U];
    }
    return out;
}

std::string nanoseconds(WallTime time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

json::object attribute(std::string_view key, std::string_view value) {
    return {{"key", key}, {"value", json::object{{"stringValue", value}}}};
}

json::object attribute(std::string_view key, std::int64_t value) {
    return {{"key", key}, {"value", json::object{{"intValue", std::to_string(value)}}}};
}

json::object resource(const std::string& service) {
    return {{"attributes", json::array{attribute("service.name", std::string_view(service))}}};
}

json::object scope() { return {{"name", "haive-mcp"}}; }

bool is_zero(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t b : bytes) {
        if (b != 0) return false;
    }
    return true;
}

json::object json_of(const OtlpSpan& span) {
    const CallRecord& r = span.record;
    const bool tool = span.method == "tools/call";
    json::object out;
    out["traceId"] = hex(r.trace.trace);
    out["spanId"] = hex(r.trace.span);
    if (!is_zero(r.trace.parent)) out["parentSpanId"] = hex(r.trace.parent);
    out["name"] = span.name.empty() ? span.method : span.method + ' ' + span.name;
    out["kind"] = kind_client;
    out["startTimeUnixNano"] = nanoseconds(r.wall_began);
    out["endTimeUnixNano"] = nanoseconds(
        r.wall_began + std::chrono::duration_cast<WallTime::duration>(std::max(r.elapsed, Duration::zero())));
    json::array attributes{attribute("mcp.method.name", std::string_view(span.method)),
                           attribute("mcp.server.name", std::string_view(span.server))};
    if (!span.name.empty()) {
        attributes.push_back(attribute(tool ? "gen_ai.tool.name" : "gen_ai.prompt.name", std::string_view(span.name)));
    }
    if (tool) attributes.push_back(attribute("gen_ai.operation.name", std::string_view("execute_tool")));
    if (!span.protocol_version.empty()) {
        attributes.push_back(attribute("mcp.protocol.version", std::string_view(span.protocol_version)));
    }
    if (r.attempt > 0) {
        attributes.push_back(attribute("mcp.client.request.attempt", std::int64_t{r.attempt}));
    } else {
        attributes.push_back(attribute("mcp.client.request.attempts", std::int64_t{r.attempts}));
    }
    attributes.push_back(attribute("mcp.client.request.size", static_cast<std::int64_t>(r.bytes_out)));
    if (!r.kind) attributes.push_back(attribute("mcp.client.response.size", static_cast<std::int64_t>(r.bytes_in)));
    if (r.rpc_code)
        attributes.push_back(attribute("rpc.response.status_code", std::string_view(std::to_string(*r.rpc_code))));
    if (!r.error_type.empty()) {
        attributes.push_back(attribute("error.type", r.error_type));
        attributes.push_back(attribute("mcp.client.request.disposition", to_string(r.disposition)));
        out["status"] = json::object{{"code", status_error}};  // no message: it might hold the peer's words
    }
    out["attributes"] = std::move(attributes);
    return out;
}

/// Builds `metrics: [...]` out of a reading.
class MetricsWriter final : public MetricsReader {
public:
    MetricsWriter(const Metrics& metrics, WallTime began, WallTime now)
        : prefix_(metrics.prefix()), began_(nanoseconds(began)), now_(nanoseconds(now)) {}

    void family(const MetricFamily& family) override {
        if (family.name == family_.name) return;  // one more piece of it
        end_family();
        family_ = family;
    }
    void number(MetricLabels labels, double value) override {
        json::object point = point_of(labels);
        const bool whole = family_.type == MetricType::counter || family_.type == MetricType::up_down_counter;
        if (whole) {
            point["asInt"] = std::to_string(static_cast<std::int64_t>(value));
        } else {
            point["asDouble"] = value;
        }
        points_.push_back(std::move(point));
    }
    void histogram(MetricLabels labels, const Histogram::Reading& reading) override {
        json::object point = point_of(labels);
        point["count"] = std::to_string(reading.count);
        point["sum"] = reading.sum;
        json::array buckets;
        for (const auto n : reading.buckets) buckets.emplace_back(std::to_string(n));
        point["bucketCounts"] = std::move(buckets);
        point["explicitBounds"] = json::array(Histogram::bounds.begin(), Histogram::bounds.end());
        points_.push_back(std::move(point));
    }
    [[nodiscard]] json::array take() {
        end_family();
        return std::move(out_);
    }

private:
    json::object point_of(MetricLabels labels) const {
        json::array attributes;
        for (const MetricLabel& label : labels) attributes.push_back(attribute(label.key, label.value));
        return {{"attributes", std::move(attributes)}, {"startTimeUnixNano", began_}, {"timeUnixNano", now_}};
    }
    void end_family() {
        if (points_.empty()) return;
        json::object metric;
        const bool conventions = family_.name.starts_with("mcp.client.");
        metric["name"] = conventions ? std::string(family_.name) : prefix_ + '.' + std::string(family_.name);
        metric["unit"] = family_.unit;
        metric["description"] = family_.help;
        json::object data{{"dataPoints", std::move(points_)}};
        points_ = json::array();
        if (family_.type == MetricType::gauge) {
            metric["gauge"] = std::move(data);
        } else {
            data["aggregationTemporality"] = cumulative;
            if (family_.type != MetricType::histogram) data["isMonotonic"] = family_.type == MetricType::counter;
            metric[family_.type == MetricType::histogram ? "histogram" : "sum"] = std::move(data);
        }
        out_.push_back(std::move(metric));
    }

    const std::string& prefix_;
    const std::string began_;
    const std::string now_;
    MetricFamily family_;
    json::array points_;
    json::array out_;
};

std::string whole(const char* outer, const char* inner, const char* things, json::array list,
                  const std::string& service) {
    json::object scoped{{"scope", scope()}, {things, std::move(list)}};
    json::object one{{"resource", resource(service)}, {inner, json::array{std::move(scoped)}}};
    return json::serialize(json::object{{outer, json::array{std::move(one)}}});
}

}  // namespace

OtlpSpan otlp_span(const CallRecord& record) {
    constexpr std::size_t longest = 128;
    OtlpSpan out;
    out.record = record;
    out.server = record.server.substr(0, longest);
    out.method = record.method.substr(0, longest);
    out.name = record.name.substr(0, longest);
    out.protocol_version = record.protocol_version.substr(0, longest);
    out.record.server = out.record.method = out.record.name = out.record.protocol_version = {};
    return out;
}

std::string otlp_traces(std::span<const OtlpSpan> spans, const std::string& service) {
    json::array list;
    for (const OtlpSpan& span : spans) list.push_back(json_of(span));
    return whole("resourceSpans", "scopeSpans", "spans", std::move(list), service);
}

std::string otlp_metrics(const Metrics& metrics, const std::string& service, WallTime began, WallTime now) {
    MetricsWriter writer(metrics, began, now);
    metrics.read(writer);
    return whole("resourceMetrics", "scopeMetrics", "metrics", writer.take(), service);
}

}  // namespace haive::mcp
