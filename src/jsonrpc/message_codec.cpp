#include "jsonrpc/message_codec.hpp"

#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <charconv>
#include <simdjson.h>

namespace haive::mcp {

namespace od = simdjson::ondemand;

namespace {

constexpr std::size_t keep_capacity = std::size_t{1} << 20;  // a larger parser is given back
constexpr std::size_t max_rpc_text = 4096;

Error violation(std::string text) {
    return Error(ErrorKind::protocol_violation, std::move(text), Disposition::executed);
}

std::string_view trimmed(std::string_view s) {
    while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\n' || s.back() == '\r')) {
        s.remove_suffix(1);
    }
    return s;
}

/// The raw text of any value, in one pass over it.
simdjson::error_code raw_text(od::value& value, std::string_view& out) {
    od::json_type type{};
    if (auto e = value.type().get(type)) return e;
    simdjson::error_code error = simdjson::SUCCESS;
    if (type == od::json_type::object) {
        od::object object;
        error = value.get_object().get(object);
        if (!error) error = object.raw_json().get(out);
        out = trimmed(out);
    } else if (type == od::json_type::array) {
        od::array array;
        error = value.get_array().get(array);
        if (!error) error = array.raw_json().get(out);
        out = trimmed(out);
    } else {
        out = trimmed(value.raw_json_token());
    }
    return error;
}

MessageId read_id(std::string_view raw) {
    MessageId id;
    id.raw = raw;
    if (raw == "null") {
        id.kind = MessageId::Kind::null;
    } else if (!raw.empty() && raw.front() == '"') {
        id.kind = MessageId::Kind::string;
    } else {
        const auto [end, ec] = std::from_chars(raw.data(), raw.data() + raw.size(), id.number);
        const bool whole = ec == std::errc() && end == raw.data() + raw.size();
        id.kind = whole ? MessageId::Kind::integer : MessageId::Kind::other;
    }
    return id;
}

/// Replaces bytes that are not UTF-8 by U+FFFD (RFC 3629), one a bad byte.
std::string repair_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 64);
    std::size_t i = 0;
    while (i < text.size()) {
        const auto c = static_cast<unsigned char>(text[i]);
        const std::size_t length = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
        if (length != 0 && i + length <= text.size() && simdjson::validate_utf8(text.data() + i, length)) {
            out.append(text.substr(i, length));
            i += length;
        } else {
            out += "\xef\xbf\xbd";
            ++i;
        }
    }
    return out;
}

}  // namespace

struct MessageCodec::Impl {
    od::parser parser;
    std::string repaired;
    std::string method;
};

MessageCodec::MessageCodec() : impl_(std::make_unique<Impl>()) {}
MessageCodec::~MessageCodec() = default;

namespace {

struct Fields {
    std::string_view id, method, params, result, error;
    bool has_id = false, has_method = false, has_result = false, has_error = false;
};

simdjson::error_code read_fields(od::document& doc, Fields& f, bool& duplicate) {
    od::object object;
    if (auto e = doc.get_object().get(object)) return e;
    for (auto member : object) {
        od::field field;
        if (auto e = std::move(member).get(field)) return e;
        const od::raw_json_string key = field.key();
        od::value value = field.value();
        std::string_view raw;
        if (auto e = raw_text(value, raw)) return e;
        if (key.unsafe_is_equal("id")) {
            duplicate |= std::exchange(f.has_id, true);
            f.id = raw;
        } else if (key.unsafe_is_equal("method")) {
            duplicate |= std::exchange(f.has_method, true);
            f.method = raw;
        } else if (key.unsafe_is_equal("params")) {
            f.params = raw;
        } else if (key.unsafe_is_equal("result")) {
            f.has_result = true;
            f.result = raw;
        } else if (key.unsafe_is_equal("error") && raw != "null") {
            f.has_error = true;
            f.error = raw;
        }
    }
    // Nothing may follow the object: then there is no location left to point at.
    return doc.current_location().error() == simdjson::OUT_OF_BOUNDS ? simdjson::SUCCESS : simdjson::TAPE_ERROR;
}

}  // namespace

Result<MessageView> MessageCodec::route(std::string_view text) {
    if (impl_->parser.capacity() > keep_capacity && text.size() < keep_capacity) impl_->parser = od::parser();
    Fields fields;
    bool duplicate = false;
    od::document doc;
    const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + 64);
    simdjson::error_code error = impl_->parser.iterate(padded).get(doc);
    if (error == simdjson::UTF8_ERROR) {
        impl_->repaired = repair_utf8(text);
        text = impl_->repaired;
        impl_->repaired.append(64, ' ');
        text = std::string_view(impl_->repaired.data(), impl_->repaired.size() - 64);
        error =
            impl_->parser.iterate(simdjson::padded_string_view(text.data(), text.size(), text.size() + 64)).get(doc);
    }
    if (!error) error = read_fields(doc, fields, duplicate);
    if (error) return violation(std::string("not a JSON message: ") + simdjson::error_message(error));
    if (duplicate) return violation("a message with a duplicate `id` or `method` means two things at once");

    MessageView view;
    view.text = text;
    if (fields.has_id) view.id = read_id(fields.id);
    if (fields.has_method) {
        if (fields.method.size() < 2 || fields.method.front() != '"') return violation("`method` is not a string");
        view.method = fields.method.substr(1, fields.method.size() - 2);
        if (view.method.find('\\') != std::string_view::npos) {
            auto value = parse_json(fields.method);
            if (!value) return value.error();
            impl_->method.assign(value->as_string().data(), value->as_string().size());
            view.method = impl_->method;
        }
        const bool asks = fields.has_id && view.id.kind != MessageId::Kind::null;
        view.kind = asks ? MessageKind::request : MessageKind::notification;
        view.payload = fields.params;
        return view;
    }
    if (fields.has_error == fields.has_result) {
        return violation(fields.has_error ? "a response with both `result` and `error`"
                                          : "neither a request nor a response");
    }
    view.kind = fields.has_error ? MessageKind::error : MessageKind::result;
    view.payload = fields.has_error ? fields.error : fields.result;
    return view;
}

bool MessageCodec::split(std::string_view text, void (*each)(void*, std::string_view), void* self) {
    std::string copy(text);
    copy.append(64, ' ');
    od::parser parser;
    od::document doc;
    const simdjson::padded_string_view padded(copy.data(), text.size(), copy.size());
    if (parser.iterate(padded).get(doc)) return false;
    od::array array;
    if (doc.get_array().get(array)) return false;
    std::string element;
    for (auto item : array) {
        od::value value;
        std::string_view raw;
        if (std::move(item).get(value) || raw_text(value, raw)) return false;
        element.assign(raw);
        element.append(64, ' ');
        each(self, std::string_view(element.data(), raw.size()));
    }
    return true;
}

RpcErrorText read_rpc_error(std::string_view error_object) {
    RpcErrorText out;
    auto value = parse_json(error_object);
    if (!value) {
        out.message = "(unreadable error object)";
        return out;
    }
    if (value->is_string()) {
        out.message.assign(value->as_string().data(), std::min(value->as_string().size(), max_rpc_text));
        return out;
    }
    const json::object* object = value->if_object();
    if (object == nullptr) return out;
    if (const auto* code = object->if_contains("code"); code != nullptr && code->is_int64()) {
        out.code = static_cast<int>(code->as_int64());
    }
    if (const auto* text = object->if_contains("message"); text != nullptr && text->is_string()) {
        out.message.assign(text->as_string().data(), std::min(text->as_string().size(), max_rpc_text));
    }
    if (const auto* data = object->if_contains("data"); data != nullptr) out.data = json::serialize(*data);
    return out;
}

std::uint64_t guess_integer_id(std::string_view head, std::string_view tail) noexcept {
    for (const std::string_view part : {head, tail}) {
        std::size_t at = part.rfind("\"id\"");
        if (part.data() == head.data()) at = part.find("\"id\"");
        if (at == std::string_view::npos) continue;
        std::string_view rest = part.substr(at + 4);
        while (!rest.empty() && (rest.front() == ' ' || rest.front() == ':')) rest.remove_prefix(1);
        std::uint64_t id = 0;
        if (std::from_chars(rest.data(), rest.data() + rest.size(), id).ec == std::errc()) return id;
    }
    return 0;
}

std::string encode_message(std::uint64_t id, std::string_view method, std::string_view params) {
    std::string out;
    out.reserve(64 + method.size() + params.size());
    out += R"({"jsonrpc":"2.0",)";
    if (id != 0) {
        std::array<char, 24> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), id).ptr;
        out += "\"id\":";
        out.append(digits.data(), end);
        out += ',';
    }
    out += "\"method\":\"";
    out += method;
    out += '"';
    if (!params.empty()) {
        out += ",\"params\":";
        out += params;
    }
    out += '}';
    return out;
}

std::string encode_result(std::string_view raw_id, std::string_view result) {
    std::string out = R"({"jsonrpc":"2.0","id":)";
    out += raw_id;
    out += ",\"result\":";
    out += result;
    out += '}';
    return out;
}

std::string encode_error(std::string_view raw_id, int code, std::string_view message) {
    std::string out = R"({"jsonrpc":"2.0","id":)";
    out += raw_id;
    out += ",\"error\":{\"code\":" + std::to_string(code) + ",\"message\":";
    append_json_string(out, message);
    out += "}}";
    return out;
}

}  // namespace haive::mcp
