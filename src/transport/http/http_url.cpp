#include "transport/http/http_url.hpp"

#include "base/key_shape.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace haive::mcp {

namespace {

constexpr std::size_t longest_url = std::size_t{16} << 10;

struct Handle {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, Handle>;

Error bad_url(const char* why) {
    Error error(ErrorKind::invalid_config, std::string("the URL cannot be used: ") + why);
    error.set_attempt_class(AttemptClass::fatal);
    error.set_mend("write it like https://host.example/mcp");
    return error;
}

std::string part(CURLU* url, CURLUPart which, unsigned flags) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
    std::string out(text);
    curl_free(text);
    return out;
}

std::uint16_t usual_port(std::string_view scheme) { return scheme == "https" || scheme == "wss" ? 443 : 80; }

/// A request line takes printable ASCII only; a blank or a line break in it would be a second request.
bool fits_request_line(std::string_view target) {
    return std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f'; });
}

/// A name, an IPv4 or an IPv6 address; international names in their ASCII form.
bool is_host(std::string_view host) {
    return std::ranges::all_of(host, [](char c) {
        const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return alphanumeric || c == '.' || c == '-' || c == '_' || c == ':';
    });
}

/// Whether the host is read as itself. `6%333` is decoded to `6333`, which is the address 0.0.24.189 when it is read
/// again: whoever compares the two is fooled.
bool is_read_the_same(const std::string& host) {
    const UrlHandle again(curl_url());
    const bool v6 = host.find(':') != std::string::npos;
    const std::string text = "http://" + (v6 ? '[' + host + ']' : host) + '/';
    if (!again || curl_url_set(again.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) return false;
    std::string read = part(again.get(), CURLUPART_HOST, 0);
    if (read.size() > 2 && read.front() == '[') read = read.substr(1, read.size() - 2);
    return read == host;
}

Result<HttpUrl> taken_apart(CURLU* url) {
    HttpUrl out;
    out.scheme = part(url, CURLUPART_SCHEME, 0);
    if (out.scheme != "http" && out.scheme != "https" && out.scheme != "ws" && out.scheme != "wss") {
        return bad_url("its scheme is none of http, https, ws and wss");
    }
    out.host = part(url, CURLUPART_HOST, 0);
    if (out.host.size() > 2 && out.host.front() == '[') out.host = out.host.substr(1, out.host.size() - 2);
    if (out.host.empty()) return bad_url("it names no host");
    if (!is_host(out.host)) return bad_url("its host has characters that no host name has");
    std::ranges::transform(out.host, out.host.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (!is_read_the_same(out.host)) return bad_url("its host can be read in two ways");
    const std::string port = part(url, CURLUPART_PORT, 0);
    out.port = usual_port(out.scheme);
    if (!port.empty() && std::from_chars(port.data(), port.data() + port.size(), out.port).ec != std::errc()) {
        return bad_url("its port is not a number from 1 to 65535");
    }
    if (out.port == 0) return bad_url("its port is 0");
    out.target = part(url, CURLUPART_PATH, 0);
    if (out.target.empty()) out.target = "/";
    if (const std::string query = part(url, CURLUPART_QUERY, 0); !query.empty()) out.target += '?' + query;
    if (!fits_request_line(out.target)) return bad_url("blanks and non-ASCII characters must be percent-encoded");
    out.user = part(url, CURLUPART_USER, CURLU_URLDECODE);
    out.password = part(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
    return out;
}

Result<HttpUrl> parse_onto(CURLU* url, std::string_view text) {
    if (text.size() > longest_url) return bad_url("it is over 16 KiB long");
    if (text.find('\0') != std::string_view::npos) return bad_url("it has a NUL character in it");
    const std::string terminated(text);
    const unsigned flags = CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE;
    if (const CURLUcode code = curl_url_set(url, CURLUPART_URL, terminated.c_str(), flags); code != CURLUE_OK) {
        return bad_url(curl_url_strerror(code));
    }
    return taken_apart(url);
}

}  // namespace

Result<HttpUrl> HttpUrl::parse(std::string_view text) {
    const UrlHandle url(curl_url());
    if (!url) return bad_url("no memory");
    return parse_onto(url.get(), text);
}

Result<HttpUrl> HttpUrl::resolve(std::string_view reference) const {
    const UrlHandle url(curl_url());
    if (!url) return bad_url("no memory");
    const std::string base = origin() + target;
    if (curl_url_set(url.get(), CURLUPART_URL, base.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
        return bad_url("the base it is relative to is broken");
    }
    return parse_onto(url.get(), reference);
}

std::string HttpUrl::origin() const {
    std::string out = scheme + "://";
    const bool v6 = host.find(':') != std::string::npos;
    out += v6 ? '[' + host + ']' : host;
    if (port != usual_port(scheme)) out += ':' + std::to_string(port);
    return out;
}

std::string HttpUrl::shown() const { return origin() + path_without_keys(target.substr(0, target.find('?'))); }

}  // namespace haive::mcp
