#include "haive/mcp/exporters/prometheus_text.hpp"

#include <charconv>
#include <cmath>

namespace haive::mcp {

namespace {

/// Dots and whatever else a name may not have become underscores.
void append_name(std::string& out, std::string_view name) {
    for (const char c : name) {
        const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':';
        out += fine ? c : '_';
    }
}

std::string name_of(std::string_view prefix, const MetricFamily& family) {
    std::string out;
    if (!family.name.starts_with("mcp.client.")) {
        append_name(out, prefix);
        out += '_';
    }
    append_name(out, family.name == "connection.count" ? "connections" : family.name);
    if (!out.empty() && out[0] >= '0' && out[0] <= '9') out.insert(0, 1, '_');
    if (family.unit == "s") out += "_seconds";
    if (family.unit == "By") out += "_bytes";
    if (family.type == MetricType::counter) out += "_total";
    return out;
}

std::string_view type_of(MetricType type) {
    if (type == MetricType::counter) return "counter";
    return type == MetricType::histogram ? "histogram" : "gauge";
}

/// How many bytes of valid UTF-8 stand at the beginning of `text`; 0 for none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    const std::size_t n = lead < 0x80                   ? 1
                          : lead >= 0xC2 && lead < 0xE0 ? 2
                          : lead >= 0xE0 && lead < 0xF0 ? 3
                          : lead >= 0xF0 && lead < 0xF5 ? 4
                                                        : 0;
    if (n == 0 || text.size() < n) return 0;
    for (std::size_t i = 1; i < n; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return 0;
    }
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool beyond = (lead == 0xED && byte(1) >= 0xA0) || (lead == 0xF4 && byte(1) >= 0x90);
    return overlong || beyond ? 0 : n;
}

void append_value(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t n = utf8_length(text);
        if (n == 0) {
            out += "\xEF\xBF\xBD";
        } else if (text[0] == '\\' || text[0] == '"') {
            out += '\\';
            out += text[0];
        } else if (text[0] == '\n') {
            out += "\\n";
        } else {
            out += text.substr(0, n);
        }
        text.remove_prefix(std::max<std::size_t>(n, 1));
    }
}

void append_number(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "NaN";
        return;
    }
    if (std::isinf(value)) {
        out += value > 0 ? "+Inf" : "-Inf";
        return;
    }
    std::array<char, 32> text{};
    const bool whole = std::abs(value) < 9e15 && value == std::floor(value);
    const auto end = whole ? std::to_chars(text.data(), text.data() + text.size(), static_cast<std::int64_t>(value))
                           : std::to_chars(text.data(), text.data() + text.size(), value);
    out.append(text.data(), end.ptr);
}

class Writer final : public MetricsReader {
public:
    explicit Writer(const Metrics& metrics) : prefix_(metrics.prefix()) {}

    void family(const MetricFamily& family) override {
        name_ = name_of(prefix_, family);
        // Only once there is a point: a family without any says nothing.
        head_ = "# HELP " + name_ + ' ' + std::string(family.help) + "\n# TYPE " + name_ + ' ' +
                std::string(type_of(family.type)) + '\n';
    }
    void number(MetricLabels labels, double value) override {
        begin_family();
        take(labels);
        line("", "", value);
    }
    void histogram(MetricLabels labels, const Histogram::Reading& reading) override {
        begin_family();
        take(labels);
        std::uint64_t below = 0;
        for (std::size_t i = 0; i < reading.buckets.size(); ++i) {
            below += reading.buckets[i];
            line("_bucket", bound_texts[i], static_cast<double>(below));
        }
        line("_sum", "", reading.sum);
        line("_count", "", static_cast<double>(reading.count));
    }
    [[nodiscard]] std::string take_text() { return std::move(out_); }

private:
    static constexpr std::array<std::string_view, Histogram::bounds.size() + 1> bound_texts{
        "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10", "30", "60", "120", "300", "+Inf"};

    void begin_family() {
        out_ += head_;
        head_.clear();
    }
    void take(MetricLabels labels) {
        labels_.clear();
        for (const MetricLabel& label : labels) {
            if (!labels_.empty()) labels_ += ',';
            append_name(labels_, label.key);
            labels_ += "=\"";
            append_value(labels_, label.value);
            labels_ += '"';
        }
    }
    void line(std::string_view suffix, std::string_view bound, double value) {
        out_ += name_;
        out_ += suffix;
        if (!labels_.empty() || !bound.empty()) {
            out_ += '{';
            out_ += labels_;
            if (!bound.empty()) {
                if (!labels_.empty()) out_ += ',';
                out_ += "le=\"";
                out_ += bound;
                out_ += '"';
            }
            out_ += '}';
        }
        out_ += ' ';
        append_number(out_, value);
        out_ += '\n';
    }

    const std::string& prefix_;
    std::string name_;
    std::string head_;
    std::string labels_;
    std::string out_;
};

}  // namespace

std::string prometheus_text(const Metrics& metrics) {
    Writer writer(metrics);
    metrics.read(writer);
    return writer.take_text();
}

}  // namespace haive::mcp
