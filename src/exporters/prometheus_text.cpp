#include "haive/mcp/exporters/prometheus_text.hpp"

#include "exporters/prometheus_pieces.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace haive::mcp {

namespace {

/// Dots and whatever else a name may not have become underscores.
void append_name(std::string& out, std::string_view name) {
    const std::size_t from = out.size();
    out += name;
    for (std::size_t i = from; i < out.size(); ++i) {
        const char c = out[i];
        const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':';
        if (!fine) out[i] = '_';
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

bool is_plain(char c) noexcept { return c >= ' ' && c <= '~' && c != '\\' && c != '"'; }

void append_value(std::string& out, std::string_view text) {
    if (std::ranges::all_of(text, is_plain)) {  // nearly always
        out += text;
        return;
    }
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

void append_whole(std::string& out, std::int64_t value) {
    std::array<char, 24> text{};
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
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
    if (std::abs(value) < 9e15 && value == std::floor(value))
        return append_whole(out, static_cast<std::int64_t>(value));
    std::array<char, 32> text{};
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

}  // namespace

PrometheusPieces::PrometheusPieces(const Metrics& metrics) : prefix_(metrics.prefix()), reading_(metrics) {}

bool PrometheusPieces::append(std::string& out, std::size_t enough) {
    out_ = &out;
    const std::size_t before = out.size();
    while (!done_ && out.size() < before + enough) done_ = !reading_.next(*this);
    out_ = nullptr;
    return out.size() > before;
}

void PrometheusPieces::family(const MetricFamily& family) {
    if (family.name == family_) return;  // one more piece of it
    family_ = family.name;
    name_ = name_of(prefix_, family);
    // Only once there is a point: a family without any says nothing.
    head_ = "# HELP " + name_ + ' ' + std::string(family.help) + "\n# TYPE " + name_ + ' ' +
            std::string(type_of(family.type)) + '\n';
}

void PrometheusPieces::number(MetricLabels labels, double value) {
    begin_family();
    take(labels);
    line("", value);
}

void PrometheusPieces::histogram(MetricLabels labels, const Histogram::Reading& reading) {
    static constexpr std::array<std::string_view, Histogram::bounds.size() + 1> bounds{
        "0.01\"} ", "0.02\"} ", "0.05\"} ", "0.1\"} ", "0.2\"} ", "0.5\"} ", "1\"} ",   "2\"} ",
        "5\"} ",    "10\"} ",   "30\"} ",   "60\"} ",  "120\"} ", "300\"} ", "+Inf\"} "};
    begin_family();
    take(labels);
    // The longest text of all, and all alike: put together once.
    bucket_ = name_ + "_bucket{" + labels_ + (labels_.empty() ? "le=\"" : ",le=\"");
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < reading.buckets.size(); ++i) {
        below += reading.buckets[i];
        *out_ += bucket_;
        *out_ += bounds[i];
        append_whole(*out_, static_cast<std::int64_t>(below));
        *out_ += '\n';
    }
    line("_sum", reading.sum);
    line("_count", static_cast<double>(reading.count));
}

void PrometheusPieces::begin_family() {
    *out_ += head_;
    head_.clear();
}

void PrometheusPieces::take(MetricLabels labels) {
    labels_.clear();
    for (const MetricLabel& label : labels) {
        if (!labels_.empty()) labels_ += ',';
        append_name(labels_, label.key);
        labels_ += "=\"";
        append_value(labels_, label.value);
        labels_ += '"';
    }
}

void PrometheusPieces::line(std::string_view suffix, double value) {
    *out_ += name_;
    *out_ += suffix;
    if (!labels_.empty()) {
        *out_ += '{';
        *out_ += labels_;
        *out_ += '}';
    }
    *out_ += ' ';
    append_number(*out_, value);
    *out_ += '\n';
}

std::string prometheus_text(const Metrics& metrics) {
    constexpr std::size_t at_a_time = std::size_t{1} << 20;
    std::string out;
    PrometheusPieces pieces(metrics);
    while (pieces.append(out, at_a_time)) {}
    return out;
}

}  // namespace haive::mcp
