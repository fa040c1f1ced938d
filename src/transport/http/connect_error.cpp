#include "transport/http/connect_error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace haive::mcp {

namespace {

constexpr std::size_t words_limit = 300;

/// What a code of curl's means to the caller: kind, whether to try again, and the mend.
struct Meaning {
    ErrorKind kind = ErrorKind::server_unavailable;
    AttemptClass then = AttemptClass::retryable;
    std::string mend;
};

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Alerts by which a server says that it wants another, or any, client certificate.
bool wants_certificate(std::string_view words) {
    return has(words, "alert certificate required") || has(words, "alert bad certificate") ||
           has(words, "alert unknown ca") || has(words, "alert certificate unknown") ||
           has(words, "alert unsupported certificate") || has(words, "alert certificate expired") ||
           has(words, "alert certificate revoked");
}

Meaning fatal(std::string mend, ErrorKind kind = ErrorKind::server_unavailable) {
    return {kind, AttemptClass::fatal, std::move(mend)};
}

Meaning proxy_refused(long status) {
    switch (status) {
        case 401:
        case 407: return fatal("the proxy wants a login: put user:password@ into its URL");
        case 403:
        case 405:
            return fatal(
                "the proxy does not let this host or port through: ask its owner, or name the host in no_proxy");
        default:
            return {.mend = "the proxy answered " + std::to_string(status) +
                            ": check the proxy, or name the host in no_proxy"};
    }
}

Meaning verification(const HttpEndpoint& endpoint, const ConnectFailure& failure) {
    const std::string_view words = failure.words;
    if (has(words, "no alternative") || has(words, "does not match") || has(words, "subject name")) {
        return fatal("the certificate is for another name than " + endpoint.host +
                     ": use the name that is in it, or have it issued for this one");
    }
    if (has(words, "expired")) return fatal("the certificate is out of date: renew it, and check this host's clock");
    if (has(words, "not yet valid")) return fatal("the certificate is not valid yet: check this host's clock");
    if (failure.custom_ca) {
        return fatal(
            "the certificate was not issued by an authority in ca_file: add that authority's certificate to it");
    }
    return fatal(
        "the certificate's authority is not trusted on this host: set ca_file to that authority's certificate");
}

Meaning refused(const HttpEndpoint& endpoint, const ConnectFailure& failure) {
    switch (failure.os_error) {
        case ENETUNREACH:
        case EHOSTUNREACH: return {.mend = "there is no route to it: check the network, a VPN or a firewall"};
        case EACCES:
        case EPERM: return {.mend = "this host's firewall does not let it out"};
        default: break;
    }
    std::string mend = "is the server running, and on this port?";
    if (endpoint.host == "localhost") mend += " localhost was tried as ::1 and as 127.0.0.1";
    return {.mend = std::move(mend)};
}

Meaning meaning(const HttpEndpoint& endpoint, const ConnectFailure& failure) {
    switch (failure.code) {
        case CURLE_COULDNT_RESOLVE_HOST: return {.mend = "check the host's name, the network and DNS"};
        case CURLE_COULDNT_RESOLVE_PROXY: return {.mend = "check the proxy's name, the network and DNS"};
        case CURLE_COULDNT_CONNECT: return refused(endpoint, failure);
        case CURLE_OPERATION_TIMEDOUT:
            return {.kind = ErrorKind::deadline_exceeded,
                    .mend = "it does not answer: check the address, the network and firewalls"};
        case CURLE_PEER_FAILED_VERIFICATION: return verification(endpoint, failure);
        case CURLE_SSL_CACERT_BADFILE: return fatal("ca_file has to be a readable PEM file", ErrorKind::invalid_config);
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_ENGINE_NOTFOUND:
            return fatal("client_certificate and client_key have to be readable PEM files that belong together",
                         ErrorKind::invalid_config);
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return fatal("check the server's URL and the proxy's", ErrorKind::invalid_config);
        case CURLE_SSL_CONNECT_ERROR:
            if (wants_certificate(failure.words)) break;
            if (has(failure.words, "wrong version number") || has(failure.words, "packet length")) {
                return {.mend = "it does not speak TLS on this port: try http://"};
            }
            return {};
        default: break;
    }
    if (wants_certificate(failure.words)) {
        return fatal(failure.client_cert ? "the server refused our client_certificate: ask for one that it accepts"
                                         : "the server wants a client certificate: set client_certificate");
    }
    if (failure.proxy_status >= 300) return proxy_refused(failure.proxy_status);
    return {};
}

}  // namespace

std::string without_credentials(std::string_view text) {
    std::string out(text.substr(0, words_limit));
    for (char& c : out) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    // From a URL's beginning, or from the word's, to the last at sign: a password may hold any character.
    const std::size_t at = out.rfind('@');
    if (at == std::string::npos) {
        // The bound may have cut the sign off.
        const std::size_t full = text.rfind('@');
        if (full == std::string_view::npos) return out;
        const std::size_t scheme = out.find("://");
        return scheme == std::string::npos ? std::string() : out.substr(0, scheme + 3) + "***";
    }
    std::size_t from = out.find("://");
    if (from != std::string::npos && from < at) {
        from += 3;
    } else {
        from = out.find_last_of(" '\"", at);
        from = from == std::string::npos ? 0 : from + 1;
    }
    return out.replace(from, at - from, "***");
}

Error connect_error(const HttpEndpoint& endpoint, const ConnectFailure& failure) {
    Meaning what = meaning(endpoint, failure);
    std::string text = "cannot connect to " + endpoint.host_port();
    text.append(endpoint.tls ? " with TLS: " : ": ");
    const std::string words = without_credentials(failure.words);
    if (failure.code == CURLE_COULDNT_CONNECT && failure.os_error != 0) {
        text.append(std::strerror(failure.os_error));  // curl's own words repeat the address and say less
    } else {
        text.append(words.empty() ? std::string_view(curl_easy_strerror(failure.code)) : std::string_view(words));
    }
    Error error(what.kind, std::move(text));
    error.set_attempt_class(what.then);
    if (!what.mend.empty()) error.set_mend(std::move(what.mend));
    return error;
}

Error connect_timeout_error(const HttpEndpoint& endpoint, Duration elapsed) {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f", to_seconds(elapsed));
    Error error(ErrorKind::deadline_exceeded, "no connection to " + endpoint.host_port() + " within " + seconds + " s");
    error.set_mend("it does not answer: check the address, the network and firewalls");
    return error;
}

Error broken_wire_error(CURLcode code, std::string_view words) {
    if (code == CURLE_OK) return Error(ErrorKind::connection_lost, "the server closed the connection");
    std::string text = "the connection to the server broke: ";
    const std::string said = without_credentials(words);
    text.append(said.empty() ? std::string_view(curl_easy_strerror(code)) : std::string_view(said));
    Error error(ErrorKind::connection_lost, std::move(text));
    if (wants_certificate(words)) {
        // TLS 1.3 refuses a client only after the handshake.
        error.set_attempt_class(AttemptClass::fatal);
        error.set_mend("the server wants a client certificate that it accepts: set client_certificate");
    }
    return error;
}

}  // namespace haive::mcp
