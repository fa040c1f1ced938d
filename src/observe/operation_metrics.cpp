#include "haive/mcp/observe/operation_metrics.hpp"

#include <memory>

namespace haive::mcp {

namespace {

constexpr std::size_t longest_name = 128;
constexpr std::size_t kinds = static_cast<std::size_t>(ErrorKind::invalid_config) + 1;

struct KnownCode {
    int code;
    std::string_view text;
};
// JSON-RPC's own, MCP's, and the usual additions. Any other number is the server's invention and no label.
constexpr std::array<KnownCode, 14> known_codes{{{-32700, "-32700"},
                                                 {-32600, "-32600"},
                                                 {-32601, "-32601"},
                                                 {-32602, "-32602"},
                                                 {-32603, "-32603"},
                                                 {-32000, "-32000"},
                                                 {-32001, "-32001"},
                                                 {-32002, "-32002"},
                                                 {-32003, "-32003"},
                                                 {-32004, "-32004"},
                                                 {-32020, "-32020"},
                                                 {-32021, "-32021"},
                                                 {-32022, "-32022"},
                                                 {-32042, "-32042"}}};

// Places of an end: 0 a good result, 1 tool_error, 2 `_OTHER`, then the codes, then the kinds.
constexpr std::size_t first_code = 3;
constexpr std::size_t first_kind = first_code + known_codes.size();

std::size_t place_of(const CallEnd& end) noexcept {
    if (!end.kind) return end.tool_error ? 1 : 0;
    if (*end.kind == ErrorKind::rpc_error && end.rpc_code) {
        for (std::size_t i = 0; i < known_codes.size(); ++i) {
            if (known_codes[i].code == *end.rpc_code) return first_code + i;
        }
        return 2;
    }
    return first_kind + static_cast<std::size_t>(*end.kind);
}

std::string_view type_of_place(std::size_t place) noexcept {
    if (place == 0) return {};
    if (place == 1) return "tool_error";
    if (place == 2) return "_OTHER";
    if (place < first_kind) return known_codes[place - first_code].text;
    return to_string(static_cast<ErrorKind>(place - first_kind));
}

/// FNV-1a: names are short, and a table of 512 needs no better one.
std::size_t hash_of(std::string_view method, std::string_view name, std::string_view version) noexcept {
    std::uint64_t h = 1469598103934665603U;
    const auto mix = [&h](std::string_view text) {
        for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211U;
        h = (h ^ 0xffU) * 1099511628211U;
    };
    mix(method);
    mix(name);
    mix(version);
    return static_cast<std::size_t>(h ^ h >> 32U);
}

}  // namespace

std::string_view error_type(const CallEnd& end) noexcept { return type_of_place(place_of(end)); }

OperationMetrics::OperationMetrics(std::string_view method, std::string_view name, std::string_view version)
    : method_(method), name_(name), version_(version) {
    static_assert(first_kind + kinds <= most_types);
}

OperationMetrics::~OperationMetrics() {
    for (auto& end : ends_) delete end.load(std::memory_order_acquire);
}

std::string_view OperationMetrics::type_at(std::size_t index) noexcept { return type_of_place(index); }

void OperationMetrics::record(const CallEnd& end, Duration elapsed) {
    auto& slot = ends_[place_of(end)];
    Histogram* histogram = slot.load(std::memory_order_acquire);
    if (histogram == nullptr) {
        auto fresh = std::make_unique<Histogram>();
        if (slot.compare_exchange_strong(histogram, fresh.get(), std::memory_order_acq_rel)) {
            histogram = fresh.release();
        }
    }
    histogram->record(elapsed);
}

OperationTable::~OperationTable() {
    for (auto& slot : slots_) delete slot.load(std::memory_order_acquire);
}

OperationMetrics& OperationTable::of(std::string_view method, std::string_view name, std::string_view version) {
    const bool has_name = method == "tools/call" || method == "prompts/get";
    if (!has_name) name = {};
    if (method.size() > longest_name) method = "_other";
    if (name.size() > longest_name) name = "_other";
    if (version.size() > longest_name) version = {};
    for (int round = 0;; ++round) {
        std::size_t i = hash_of(method, name, version) % slot_count;
        for (std::size_t tries = 0; tries < slot_count; ++tries, i = (i + 1) % slot_count) {
            OperationMetrics* found = slots_[i].load(std::memory_order_acquire);
            if (found == nullptr) {
                // The first round may be refused for want of room; `_other` always has some.
                if (round == 0 && used_.load(std::memory_order_relaxed) >= most) break;
                auto fresh = std::make_unique<OperationMetrics>(method, name, version);
                if (slots_[i].compare_exchange_strong(found, fresh.get(), std::memory_order_acq_rel)) {
                    used_.fetch_add(1, std::memory_order_relaxed);
                    return *fresh.release();
                }
            }
            if (found->method() == method && found->name() == name && found->version() == version) return *found;
        }
        version = {};
        if (has_name) {
            name = "_other";
        } else {
            method = "_other";
        }
    }
}

}  // namespace haive::mcp
