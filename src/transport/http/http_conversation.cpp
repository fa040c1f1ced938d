#include "transport/http/http_conversation.hpp"

#include "base/header_value.hpp"
#include "haive/mcp/transport/runtime.hpp"
#include "transport/stream/stream_resources.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace haive::mcp {

namespace {

constexpr std::size_t longest_session_id = 4096;

/// The protocol's own, and those that would break the connection under it.
bool is_reserved(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    static constexpr std::array<std::string_view, 12> own{
        "accept", "accept-encoding", "connection",     "content-length",       "content-type",      "expect",
        "host",   "last-event-id",   "mcp-session-id", "mcp-protocol-version", "transfer-encoding", "upgrade"};
    return std::ranges::find(own, lower) != own.end() || lower == "mcp-method" || lower == "mcp-name" ||
           lower.starts_with("mcp-param-");
}

bool names_authorization(std::string_view name) {
    constexpr std::string_view wanted = "authorization";
    return std::ranges::equal(
        name, wanted, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
}

void add(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
}

bool is_modern_version(std::string_view version) { return version >= "2026-07-28"; }

}  // namespace

std::string header_problem(const HttpOptions& options) {
    for (const auto& [name, value] : options.headers) {
        if (!is_token(name)) return "a configured header has a name that no header can have";
        if (!is_header_text(value)) return "the configured header " + name + " has a line break or control character";
    }
    return {};
}

HttpConversation::HttpConversation(Runtime& runtime, std::shared_ptr<HttpRequester> requester, HttpUrl url,
                                   HttpOptions options)
    : runtime_(runtime),
      loop_(runtime.loop()),
      requester_(std::move(requester)),
      url_(std::move(url)),
      options_(std::move(options)) {
    add(fixed_headers_, "User-Agent", "haive-mcp/0.1.0");
    bool authorized = false;
    for (const auto& [name, value] : options_.headers) {
        if (is_reserved(name)) continue;
        authorized = authorized || names_authorization(name);
        if (options_.credentials && names_authorization(name)) continue;
        add(fixed_headers_, name, value);
    }
    if (!authorized && !options_.credentials && !url_.user.empty()) {
        add(fixed_headers_, "Authorization", "Basic " + base64(url_.user + ':' + url_.password));
    }
}

std::string HttpConversation::plain_headers() const {
    std::string out;
    out.reserve(fixed_headers_.size() + 512);
    out += fixed_headers_;
    if (!authorization.empty()) add(out, "Authorization", authorization);
    out += cookies_.line();
    if (!session_id_.empty()) add(out, "Mcp-Session-Id", session_id_);
    if (!version_.empty()) add(out, "MCP-Protocol-Version", version_);
    return out;
}

std::string HttpConversation::event_headers(std::string_view last_event_id) const {
    std::string out = plain_headers();
    out += "Accept: text/event-stream\r\nCache-Control: no-store\r\n";
    if (!last_event_id.empty()) add(out, "Last-Event-ID", last_event_id);
    return out;
}

std::string HttpConversation::post_headers(const Outbound& message) const {
    std::string out;
    out.reserve(fixed_headers_.size() + 640 + message.parameter_headers.size());
    out += fixed_headers_;
    out += "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n";
    if (!authorization.empty()) add(out, "Authorization", authorization);
    out += cookies_.line();
    const bool modern = is_modern_version(message.protocol_version);
    const bool first = message.method == "initialize";
    if (!modern && !first && !session_id_.empty()) add(out, "Mcp-Session-Id", session_id_);
    const std::string_view version = message.protocol_version.empty() && !first ? version_ : message.protocol_version;
    if (!version.empty() && !first) add(out, "MCP-Protocol-Version", version);
    if (modern) {
        if (!message.method.empty()) add(out, "Mcp-Method", message.method);
        if (!message.name.empty()) add(out, "Mcp-Name", encode_header_value(message.name));
        out += message.parameter_headers;
    }
    return out;
}

TimePoint HttpConversation::connect_deadline() const {
    return saturating_add(loop_.now(), to_duration(options_.connect_timeout));
}

void HttpConversation::note_head(const HttpHead& head) {
    evidence.http_status = head.status;
    evidence.peer_showed_life = true;
    evidence.last_byte_in = loop_.now();
    evidence.first_byte = head.timings.first_byte;
    if (!head.timings.reused) {
        ++evidence.sockets_opened;
        evidence.name_lookup = head.timings.name_lookup;
        evidence.tcp_connect = head.timings.connect;
        evidence.tls_handshake = head.timings.tls;
    }
    for (const auto& field : head.fields) {
        constexpr std::string_view wanted = "set-cookie";
        const bool cookie = std::ranges::equal(field.name, wanted, [](char a, char b) {
            return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
        });
        if (cookie) cookies_.take(field.value);
    }
}

void HttpConversation::note_bytes(std::size_t size) {
    evidence.bytes_in += size;
    evidence.last_byte_in = loop_.now();
}

void HttpConversation::begin_session(std::string_view id) {
    // Only visible ASCII may be sent back (specification); anything else is as good as none.
    const bool visible = std::ranges::all_of(id, [](char c) { return c > ' ' && c < '\x7f'; });
    session_id_ = visible && id.size() <= longest_session_id ? id : std::string_view();
    ++session_serial_;
}

void HttpConversation::end_session() {
    session_id_.clear();
    version_.clear();
    ++session_serial_;
}

bool HttpConversation::route_one(std::string_view text, void (*each)(void*, const MessageView&), void* self) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return false;
    text.remove_prefix(first);
    MessageCodec& codec = runtime_.stream_resources().codec;
    if (text.front() == '[') {
        bool any = false;
        const bool batch = codec.split_batch(text, [&](std::string_view element) {
            auto message = codec.route(element);
            if (!message) return;
            any = true;
            each(self, *message);
        });
        return batch && any;
    }
    auto message = codec.route(text);
    if (!message) return false;
    each(self, *message);
    return true;
}

std::uint64_t id_of_answer(const MessageView& message) noexcept {
    if (message.id.kind == MessageId::Kind::integer && message.id.number > 0) {
        return static_cast<std::uint64_t>(message.id.number);
    }
    std::string_view raw = message.id.raw;
    if (message.id.kind != MessageId::Kind::string || raw.size() < 3) return 0;
    raw = raw.substr(1, raw.size() - 2);
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
    return error == std::errc() && end == raw.data() + raw.size() ? number : 0;
}

}  // namespace haive::mcp
