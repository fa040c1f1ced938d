#include "protocol/field_reader.hpp"

#include <charconv>

namespace haive::mcp {

namespace {

constexpr std::size_t longest_shown = 64;

/// The peer's words, short enough to stand in our message.
std::string shown(std::string_view text) {
    std::string out;
    append_valid_utf8(out, text.substr(0, longest_shown));
    for (char& c : out) {
        if (static_cast<unsigned char>(c) < 0x20) c = '.';
    }
    return out;
}

Result<Icon> parse_icon(std::string_view raw) {
    Icon icon;
    bool has_src = false;
    FieldReader in("Icon", raw);
    while (in.next()) {
        if (in.is("src")) {
            has_src = in.text(icon.src);
        } else if (in.is("mimeType")) {
            in.maybe(icon.mime_type);
        } else if (in.is("sizes")) {
            in.maybe(icon.sizes);
        } else if (in.is("theme")) {
            in.maybe(icon.theme);
        }
    }
    in.require(has_src, "src");
    if (in.failed()) return in.error();
    return icon;
}

}  // namespace

bool read_number(std::string_view text, double& out) noexcept {
    if (json_type(text) != JsonType::number) return false;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
    return ec == std::errc() && end == text.data() + text.size();
}

bool FieldReader::text(std::string& out) { return decode_json_string(value(), out) ? true : wrong_type("a string"); }

bool FieldReader::object(RawJson& out) {
    if (json_type(value()) != JsonType::object) return wrong_type("an object");
    return any(out);
}

bool FieldReader::any(RawJson& out) {
    out = RawJson(std::string(value()));
    return true;
}

bool FieldReader::integer(std::int64_t& out) {
    std::optional<std::int64_t> number;
    maybe(number);
    if (!number) return wrong_type("an integer");
    out = *number;
    return true;
}

bool FieldReader::texts(std::vector<std::string>& out) {
    out.clear();
    JsonArraySlices elements(value());
    while (elements.next()) {
        if (!decode_json_string(elements.value(), out.emplace_back())) return wrong_type("a list of strings");
    }
    return elements.fault() ? wrong_type("a list of strings") : true;
}

void FieldReader::maybe(std::string& out) {
    if (!decode_json_string(value(), out)) out.clear();
}

void FieldReader::maybe(bool& out) { out = value() == "true"; }

void FieldReader::maybe(std::optional<bool>& out) {
    out.reset();
    if (json_type(value()) == JsonType::boolean) out = value() == "true";
}

void FieldReader::maybe(std::optional<double>& out) {
    out.reset();
    double number = 0;
    if (read_number(value(), number)) out = number;
}

/// Also `1e3` and `5.0`, which are integers to JSON.
void FieldReader::maybe(std::optional<std::int64_t>& out) {
    out.reset();
    std::int64_t whole = 0;
    const char* const end = value().data() + value().size();
    const auto read = std::from_chars(value().data(), end, whole);
    if (read.ec == std::errc() && read.ptr == end) {
        out = whole;
        return;
    }
    constexpr double exact_limit = 9007199254740992.0;  // 2^53
    double number = 0;
    if (!read_number(value(), number) || !(number >= -exact_limit && number <= exact_limit)) return;
    whole = static_cast<std::int64_t>(number);
    if (static_cast<double>(whole) == number) out = whole;
}

void FieldReader::maybe(std::vector<std::string>& out) {
    out.clear();
    JsonArraySlices elements(value());
    while (elements.next()) {
        std::string text;
        if (decode_json_string(elements.value(), text)) out.push_back(std::move(text));
    }
}

void FieldReader::maybe(std::vector<Icon>& out) {
    out.clear();
    JsonArraySlices elements(value());
    while (elements.next()) {
        if (auto icon = parse_icon(elements.value())) out.push_back(std::move(*icon));
    }
}

void FieldReader::maybe_object(RawJson& out) {
    if (json_type(value()) == JsonType::object) any(out);
}

bool FieldReader::result_member(RawJson& meta) {
    if (is("_meta")) {
        maybe_object(meta);
        return true;
    }
    if (!is("resultType")) return false;
    std::string kind;
    if (text(kind) && kind != "complete") {
        fail("`resultType` is \"" + shown(kind) + "\", which this call cannot take further");
    }
    return true;
}

void FieldReader::cursor(std::optional<std::string>& out) {
    out.reset();
    if (is_null()) return;
    std::string next;
    if (text(next)) out = std::move(next);
}

bool FieldReader::cache_member(CacheHints& out) {
    if (is("ttlMs")) {
        std::optional<double> milliseconds;
        maybe(milliseconds);
        out.ttl.reset();
        if (milliseconds) out.ttl = to_duration(Seconds(*milliseconds > 0 ? *milliseconds / 1000 : 0));
        return true;
    }
    if (!is("cacheScope")) return false;
    std::string scope;
    maybe(scope);
    out.scope = scope == "public" ? CacheScope::public_scope : CacheScope::private_scope;
    return true;
}

bool FieldReader::fail(std::string what) {
    if (failure_.empty()) failure_ = std::move(what);
    return false;
}

bool FieldReader::wrong_type(const char* wanted) { return fail('`' + shown(slices_.key()) + "` is not " + wanted); }

bool FieldReader::fail_item(std::size_t index, const std::string& reason) {
    return fail('`' + shown(slices_.key()) + '[' + std::to_string(index) + "]`: " + reason);
}

SkippedItem FieldReader::describe_skipped(std::size_t index, std::string_view raw, const Error& error) {
    SkippedItem item;
    item.index = index;
    item.reason = error.message();
    JsonObjectSlices members(raw);
    while (members.next()) {
        const bool names = members.key() == "name" || (members.key() == "uri" && item.name.empty());
        std::string name;
        if (names && decode_json_string(members.value(), name)) item.name = std::move(name);
    }
    return item;
}

void FieldReader::require(bool seen, const char* field) {
    if (!seen && failure_.empty() && !slices_.fault()) fail(std::string("`") + field + "` is missing");
}

bool FieldReader::failed() {
    if (failure_.empty() && slices_.fault()) {
        fail(std::string(slices_.fault().what) + ", at byte " + std::to_string(slices_.fault().offset));
    }
    return !failure_.empty();
}

Error FieldReader::error() const {
    return Error(ErrorKind::protocol_violation, std::string(type_) + ": " + failure_, Disposition::executed);
}

void FieldWriter::raw(std::string_view key, std::string_view json) {
    if (text_.size() > 1) text_ += ',';
    append_json_string(text_, key);
    text_ += ':';
    text_ += json;
}

void FieldWriter::text(std::string_view key, std::string_view value) {
    raw(key, std::string_view());
    append_json_string(text_, value);
}

}  // namespace haive::mcp
