#include "config/json_insertion.hpp"

#include "config/json_document.hpp"
#include "config/json_places.hpp"
#include "config/plain_json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>

namespace haive::mcp {

namespace {

constexpr std::size_t usual_step = 2;

/// How many blanks the line of an offset begins with.
std::size_t indentation(std::string_view text, std::size_t offset) {
    const std::size_t newline = text.rfind('\n', offset == 0 ? 0 : offset - 1);
    const std::size_t begin = newline == std::string_view::npos || offset == 0 ? 0 : newline + 1;
    return std::min(text.find_first_not_of(" \t", begin), text.size()) - begin;
}

/// The same text with each further line moved to the right.
std::string moved(const std::string& text, const std::string& margin) {
    std::string out;
    for (const char c : text) {
        out += c;
        if (c == '\n') out += margin;
    }
    return out;
}

/// The first character behind `offset` that is neither blank nor in a comment.
char next_sign(std::string_view text, std::size_t offset) {
    while (offset < text.size()) {
        offset = std::min(text.find_first_not_of(" \t\r\n", offset), text.size());
        const auto rest = text.substr(offset);
        if (rest.starts_with("//")) {
            offset = std::min(text.find('\n', offset), text.size());
        } else if (rest.starts_with("/*")) {
            offset = std::min(text.find("*/", offset + 2), text.size() - 2) + 2;
        } else {
            return rest.empty() ? '\0' : rest.front();
        }
    }
    return '\0';
}

}  // namespace

std::string insert_json_member(std::string_view text, std::string_view object, std::string_view key,
                               const boost::json::value& value) {
    const JsonPlaces places(text);
    const auto* whole = places.find(object);
    if (whole == nullptr) return std::string(text);
    // The last member, to put a comma behind it.
    const auto document = parse_json_document(text);
    const auto* content = document ? &*document : nullptr;
    if (content != nullptr && !object.empty()) {
        boost::system::error_code error;
        content = content->find_pointer(boost::json::string_view(object.data(), object.size()), error);
    }
    const JsonPlaces::Place* last = nullptr;
    if (content != nullptr && content->is_object()) {
        for (const auto& member : content->get_object()) {
            const auto* place = places.find(pointer_to(object, member.key()));
            if (place != nullptr && (last == nullptr || place->end > last->end)) last = place;
        }
    }
    const std::size_t outer = indentation(text, whole->key);
    const bool in_lines = last != nullptr && text.substr(whole->value, last->key - whole->value).contains('\n');
    const std::size_t inner = in_lines ? indentation(text, last->key) : outer + usual_step;
    const std::size_t step = inner > outer ? inner - outer : usual_step;
    const std::string margin(inner, ' ');
    const std::string member = margin + boost::json::serialize(boost::json::value(key)) + ": " +
                               moved(pretty_json(value, static_cast<int>(step)), margin);

    const std::size_t brace = whole->end - 1;
    const std::size_t before = text.find_last_not_of(" \t\r\n", brace - 1) + 1;  // at least behind the opening brace
    std::string out(text.substr(0, last == nullptr ? before : last->end));
    if (last != nullptr) {
        if (next_sign(text, last->end) != ',') out += ',';
        out += text.substr(last->end, before - last->end);
    }
    out += '\n' + member + '\n' + std::string(outer, ' ');
    out += text.substr(brace);
    return out;
}

}  // namespace haive::mcp
