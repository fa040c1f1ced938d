#include "transport/http/curl_connector.hpp"

#include "transport/http/connect_error.hpp"
#include "transport/http/curl_wire.hpp"
#include "transport/http/socket_wire.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace haive::mcp {

namespace {

constexpr long long_age = 1'000'000'000;  // libcurl never closes what is ours for being old
constexpr long longest_connect_ms = 300'000;
constexpr const char* system_authorities = "/etc/ssl/certs/ca-certificates.crt";

/// Notice a dead peer within half a minute (docs: resilience 3.6). The user timeout may not be below
/// idle + interval * count, else it cuts the keepalive short.
void set_tcp_options(int socket) {
    const auto set = [&](int level, int name, int value) { setsockopt(socket, level, name, &value, sizeof value); };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 15);
    set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, 30'000);
    set(IPPROTO_TCP, TCP_NODELAY, 1);
}

std::string authorities(const ConnectSettings& settings) {
    if (!settings.ca_file.empty()) return settings.ca_file;
    if (const char* named = std::getenv("SSL_CERT_FILE"); named != nullptr && *named != '\0') return named;
    return access(system_authorities, R_OK) == 0 ? system_authorities : "";
}

class CurlAttempt final : public ConnectAttempt {
public:
    CurlAttempt(EpollLoop& loop, StreamResources& resources, std::shared_ptr<CurlMulti> multi, HttpEndpoint endpoint,
                const ConnectSettings& settings, Duration budget, OnConnected done)
        : loop_(loop),
          resources_(resources),
          endpoint_(std::move(endpoint)),
          done_(std::move(done)),
          custom_ca_(!settings.ca_file.empty()),
          client_cert_(!settings.client_certificate.empty()),
          curl_(std::move(multi)) {
        set_options(settings, budget);
        curl_.start([this](CURLcode code) { on_done(code); });
    }

private:
    template <class T>
    void set(CURLoption option, T value) {
        curl_easy_setopt(curl_.get(), option, value);
    }
    template <class T>
    [[nodiscard]] T info(CURLINFO which) const {
        T value{};
        curl_easy_getinfo(curl_.get(), which, &value);
        return value;
    }

    void set_options(const ConnectSettings& settings, Duration budget) {
        const std::string url = (endpoint_.tls ? "https://" : "http://") + endpoint_.host_port() + "/";
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_CONNECT_ONLY, 1L);
        // Without it TLS may settle on h2, and libcurl would rewrite what we send.
        set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        set(CURLOPT_FRESH_CONNECT, 1L);
        set(CURLOPT_NOSIGNAL, 1L);
        // Without it giving up while a name is looked up blocks the loop until the resolver returns.
        set(CURLOPT_QUICK_EXIT, 1L);
        set(CURLOPT_MAXAGE_CONN, long_age);
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(budget).count();
        set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::clamp<std::int64_t>(ms, 1, longest_connect_ms)));
        set_proxy(settings);
        set_tls(settings);
    }

    void set_proxy(const ConnectSettings& settings) {
        // Else an http:// origin would be asked of the proxy in another form than we write.
        set(CURLOPT_HTTPPROXYTUNNEL, 1L);
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
        if (!settings.proxy) return;  // the environment's
        set(CURLOPT_PROXY, settings.proxy->c_str());
        set(CURLOPT_NOPROXY, settings.no_proxy.c_str());
    }

    void set_tls(const ConnectSettings& settings) {
        const std::string bundle = authorities(settings);
        // A CApath, as Debian builds one in, would keep the parsed store from being cached: 39 ms a connection.
        set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
        set(CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
        if (!bundle.empty()) {
            set(CURLOPT_CAINFO, bundle.c_str());
            set(CURLOPT_PROXY_CAINFO, bundle.c_str());
        }
        if (settings.client_certificate.empty()) return;
        const std::string& key = settings.client_key.empty() ? settings.client_certificate : settings.client_key;
        set(CURLOPT_SSLCERT, settings.client_certificate.c_str());
        set(CURLOPT_SSLKEY, key.c_str());
    }

    void on_done(CURLcode code) {
        Result<Connected> result = code == CURLE_OK ? take_wire() : Result<Connected>(failure(code));
        OnConnected done = std::move(done_);
        done(std::move(result));  // may end this
    }

    [[nodiscard]] Error failure(CURLcode code) const {
        ConnectFailure what;
        what.code = code;
        what.os_error = static_cast<int>(info<long>(CURLINFO_OS_ERRNO));
        what.proxy_status = info<long>(CURLINFO_HTTP_CONNECTCODE);
        what.custom_ca = custom_ca_;
        what.client_cert = client_cert_;
        what.words = curl_.words();
        return connect_error(endpoint_, what);
    }

    [[nodiscard]] HttpTimings timings() const {
        const auto lookup = std::chrono::microseconds(info<curl_off_t>(CURLINFO_NAMELOOKUP_TIME_T));
        const auto connect = std::chrono::microseconds(info<curl_off_t>(CURLINFO_CONNECT_TIME_T));
        const auto tls = std::chrono::microseconds(info<curl_off_t>(CURLINFO_APPCONNECT_TIME_T));
        HttpTimings out;
        out.name_lookup = lookup;
        if (connect > lookup) out.connect = connect - lookup;
        if (tls > connect) out.tls = tls - connect;
        return out;
    }

    [[nodiscard]] Result<Connected> take_wire() {
        const auto socket = info<curl_socket_t>(CURLINFO_ACTIVESOCKET);
        const int own = socket == CURL_SOCKET_BAD ? -1 : fcntl(socket, F_DUPFD_CLOEXEC, 0);
        if (own < 0) {
            const std::string why = socket == CURL_SOCKET_BAD ? "the connection is gone" : std::strerror(errno);
            return Error(ErrorKind::server_unavailable, "cannot connect to " + endpoint_.host_port() + ": " + why);
        }
        set_tcp_options(own);
        Connected out;
        out.timings = timings();
        // A tunnel's proxy may itself speak TLS, so its bytes go through curl as well.
        if (endpoint_.tls || info<long>(CURLINFO_HTTP_CONNECTCODE) != 0) {
            out.wire = std::make_unique<CurlWire>(loop_, resources_, std::move(curl_), own);
        } else {
            fcntl(own, F_SETFL, fcntl(own, F_GETFL) | O_NONBLOCK);
            out.wire = std::make_unique<SocketWire>(loop_, resources_, own);
            curl_.reset();  // closes curl's descriptor; the connection lives on ours
        }
        return out;
    }

    EpollLoop& loop_;
    StreamResources& resources_;
    HttpEndpoint endpoint_;
    OnConnected done_;
    bool custom_ca_;
    bool client_cert_;
    CurlHandle curl_;
};

}  // namespace

std::unique_ptr<ConnectAttempt> open_connection(EpollLoop& loop, StreamResources& resources,
                                                std::shared_ptr<CurlMulti> multi, const HttpEndpoint& endpoint,
                                                const ConnectSettings& settings, Duration budget, OnConnected done) {
    return std::make_unique<CurlAttempt>(loop, resources, std::move(multi), endpoint, settings, budget,
                                         std::move(done));
}

}  // namespace haive::mcp
