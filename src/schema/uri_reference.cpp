#include "schema/uri_reference.hpp"

#include <charconv>

namespace haive::mcp::schema {

namespace {

/// Where the scheme's colon is; npos when there is no scheme.
std::size_t scheme_end(std::string_view uri) noexcept {
    for (std::size_t i = 0; i < uri.size(); ++i) {
        const char c = uri[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == ':') return i == 0 ? std::string_view::npos : i;
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))) break;
    }
    return std::string_view::npos;
}

struct Parts {
    std::string_view scheme;     // with its colon
    std::string_view authority;  // with its slashes
    std::string_view path;
    std::string_view query;  // with its question mark
};

Parts parts_of(std::string_view uri) noexcept {
    Parts out;
    if (const std::size_t colon = scheme_end(uri); colon != std::string_view::npos) {
        out.scheme = uri.substr(0, colon + 1);
        uri.remove_prefix(colon + 1);
    }
    if (uri.starts_with("//")) {
        out.authority = uri.substr(0, uri.find_first_of("/?", 2));
        uri.remove_prefix(out.authority.size());
    }
    out.path = uri.substr(0, uri.find('?'));
    out.query = uri.substr(out.path.size());
    return out;
}

std::string without_dots(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const std::size_t end = path.find('/', 1);
        const std::string_view segment = path.substr(0, end);
        const bool last = end == std::string_view::npos;
        path.remove_prefix(last ? path.size() : end);
        if (segment == "/." || segment == ".") {
            if (last) out += '/';
        } else if (segment == "/.." || segment == "..") {
            out.erase(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
            if (last) out += '/';
        } else {
            out += segment;
        }
    }
    return out;
}

}  // namespace

std::string resolve(std::string_view base, std::string_view reference) {
    if (base.empty() || scheme_end(reference) != std::string_view::npos) return std::string(reference);
    const std::string_view whole = split_fragment(base).document;
    if (reference.empty()) return std::string(whole);
    if (reference.starts_with('#')) return std::string(whole) + std::string(reference);
    const auto [document, fragment] = split_fragment(reference);
    const Parts b = parts_of(whole);
    const Parts r = parts_of(document);
    std::string out(b.scheme);
    if (!r.authority.empty()) {
        out += std::string(r.authority) + without_dots(r.path);
    } else {
        out += b.authority;
        if (r.path.empty()) {
            out += b.path;
        } else if (r.path.starts_with('/')) {
            out += without_dots(r.path);
        } else {
            const std::string folder(b.path.substr(0, b.path.rfind('/') + 1));
            out += without_dots((folder.empty() && !b.authority.empty() ? "/" : folder) + std::string(r.path));
        }
    }
    out += r.authority.empty() && r.path.empty() && r.query.empty() ? b.query : r.query;
    if (!fragment.empty()) out += '#' + std::string(fragment);
    return out;
}

SplitUri split_fragment(std::string_view uri) noexcept {
    const std::size_t hash = uri.find('#');
    if (hash == std::string_view::npos) return {uri, {}};
    return {uri.substr(0, hash), uri.substr(hash + 1)};
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string pointer_token(std::string_view escaped) {
    std::string out;
    for (std::size_t i = 0; i < escaped.size(); ++i) {
        const bool tilde = escaped[i] == '~' && i + 1 < escaped.size();
        if (tilde && (escaped[i + 1] == '0' || escaped[i + 1] == '1')) {
            out += escaped[++i] == '0' ? '~' : '/';
        } else {
            out += escaped[i];
        }
    }
    return out;
}

void append_pointer_token(std::string& out, std::string_view token) {
    out += '/';
    for (const char c : token) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
}

}  // namespace haive::mcp::schema
