// The fast server of the benchmark: answers the few requests that clients send there, and looks at no more of them than
// it must.
//     haive-bench-echo stdio
//     haive-bench-echo http              prints its port; a thread a connection; ends when its stdin does
//     haive-bench-echo https FOLDER      the same; leaves the certificate that it vouches with in FOLDER/certificate.pem
// GET /last gives back the newest tools/call request as it came, for the bare loop to repeat.
#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

class LastCall {
public:
    void set(std::string_view request) {
        const std::lock_guard lock(mutex_);
        text_ = request;
    }
    std::string get() {
        const std::lock_guard lock(mutex_);
        return text_;
    }

private:
    std::mutex mutex_;
    std::string text_;
};

class Wire {
public:
    Wire(int socket, SSL_CTX* tls) : socket_(socket), ssl_(tls == nullptr ? nullptr : SSL_new(tls)) {
        if (ssl_ != nullptr) SSL_set_fd(ssl_, socket);
    }
    ~Wire() {
        SSL_free(ssl_);
        close(socket_);
    }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    bool accept() { return ssl_ == nullptr || SSL_accept(ssl_) == 1; }
    long read(char* into, int size) {
        return ssl_ == nullptr ? recv(socket_, into, static_cast<std::size_t>(size), 0) : SSL_read(ssl_, into, size);
    }
    bool write(std::string_view bytes) {
        const long n = ssl_ == nullptr ? send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                       : SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
        return n == static_cast<long>(bytes.size());
    }

private:
    int socket_;
    SSL* ssl_;
};

std::string answer(int status, std::string_view body) {
    return "HTTP/1.1 " + std::to_string(status) +
           " OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

/// What stands between the first `from` and the next of `to`.
std::string_view between(std::string_view text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string_view::npos) return {};
    const std::size_t start = at + from.size();
    return text.substr(start, text.find_first_of(to, start) - start);
}

/// The JSON-RPC response to one message; empty for a notification. `call` is set to whether it was a tools/call.
std::string reply_to(std::string_view message, bool& call) {
    call = false;
    const std::string_view id = between(message, "\"id\":", ",}");
    if (id.empty()) return {};
    const std::string_view method = between(message, "\"method\":\"", "\"");
    const std::string head = R"({"jsonrpc":"2.0","id":)" + std::string(id);
    const bool modern = message.find("io.modelcontextprotocol/protocolVersion") != std::string_view::npos;
    const std::string type = modern ? R"("resultType":"complete",)" : "";
    if (method == "tools/call") {
        call = true;
        return head + R"(,"result":{)" + type + R"("content":[{"type":"text","text":")" +
               std::string(between(message, "\"text\":\"", "\"")) + R"("}]}})";
    }
    if (method == "tools/list") {
        return head + R"(,"result":{)" + type +
               R"("ttlMs":1000,"cacheScope":"public","tools":[{"name":"echo","inputSchema":)"
               R"({"type":"object","properties":{"text":{"type":"string"}}}}]}})";
    }
    if (method == "initialize") {
        return head + R"(,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},)"
                      R"("serverInfo":{"name":"echo","version":"1"}}})";
    }
    if (method == "server/discover") {
        return head + R"(,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],)"
                      R"("capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1"},)"
                      R"("ttlMs":1000,"cacheScope":"public"}})";
    }
    if (method == "ping") return head + R"(,"result":{}})";
    return head + R"(,"error":{"code":-32601,"message":"no such method"}})";
}

std::string answer_to(std::string_view request, std::string_view body, LastCall& last) {
    if (request.starts_with("GET /last ")) return answer(200, last.get());
    if (request.starts_with("GET ")) return answer(405, "");
    bool call = false;
    const std::string reply = reply_to(body, call);
    if (call) last.set(request);
    if (reply.empty()) return answer(request.starts_with("DELETE ") ? 200 : 202, "");
    return answer(200, reply);
}

/// The body's length as the head says it; the field's name in any case.
std::size_t content_length(std::string_view head) {
    for (const char* name : {"Content-Length: ", "content-length: "}) {
        const std::size_t at = head.find(name);
        if (at != std::string_view::npos) return std::strtoul(head.data() + at + 16, nullptr, 10);
    }
    return 0;
}

void serve(int socket, SSL_CTX* tls, LastCall& last) {
    Wire wire(socket, tls);
    if (!wire.accept()) return;
    std::string text;
    char buffer[65536];
    for (;;) {
        const std::size_t end = text.find("\r\n\r\n");
        if (end != std::string::npos) {
            const std::size_t size = end + 4 + content_length(std::string_view(text).substr(0, end + 2));
            if (text.size() >= size) {
                const std::string_view request = std::string_view(text).substr(0, size);
                if (!wire.write(answer_to(request, request.substr(end + 4), last))) return;
                text.erase(0, size);
                continue;
            }
        }
        const long n = wire.read(buffer, sizeof buffer);
        if (n <= 0) return;
        text.append(buffer, static_cast<std::size_t>(n));
    }
}

/// A key and a certificate for 127.0.0.1 that vouches for itself; the certificate goes to `file` too.
SSL_CTX* tls_context(const std::string& file) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_set_pubkey(x509, key);
    X509_NAME* name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("bench"), -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
    X509_EXTENSION* where = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(x509, where, -1);
    X509_EXTENSION_free(where);
    X509_sign(x509, key, EVP_sha256());
    std::FILE* out = std::fopen(file.c_str(), "w");
    if (out == nullptr || PEM_write_X509(out, x509) != 1) {
        std::perror(file.c_str());
        std::exit(1);
    }
    std::fclose(out);
    SSL_CTX* context_of_all = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context_of_all, x509);
    SSL_CTX_use_PrivateKey(context_of_all, key);
    X509_free(x509);
    EVP_PKEY_free(key);
    return context_of_all;
}

int serve_http(SSL_CTX* tls) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 512) != 0) return 1;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    std::thread([] {
        char byte = 0;
        while (read(0, &byte, 1) > 0) {}
        _exit(0);
    }).detach();
    static LastCall last;
    for (;;) {
        const int one = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (one < 0) continue;
        const int on = 1;
        setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        std::thread(serve, one, tls, std::ref(last)).detach();
    }
}

int serve_stdio() {
    std::string text;
    std::string out;
    std::vector<char> buffer(std::size_t{1} << 20);
    std::size_t searched = 0;
    for (;;) {
        const ssize_t n = read(0, buffer.data(), buffer.size());
        if (n <= 0) return 0;
        text.append(buffer.data(), static_cast<std::size_t>(n));
        std::size_t begin = 0;
        for (std::size_t end = text.find('\n', searched); end != std::string::npos; end = text.find('\n', begin)) {
            bool call = false;
            const std::string reply = reply_to(std::string_view(text).substr(begin, end - begin), call);
            if (!reply.empty()) (out += reply) += '\n';
            begin = end + 1;
        }
        text.erase(0, begin);
        searched = text.size();
        for (std::string_view rest = out; !rest.empty();) {
            const ssize_t written = write(1, rest.data(), rest.size());
            if (written <= 0) return 0;
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        out.clear();
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view mode = argc > 1 ? argv[1] : "";
    if (mode == "stdio") return serve_stdio();
    if (mode == "http") return serve_http(nullptr);
    if (mode == "https" && argc > 2) return serve_http(tls_context(std::string(argv[2]) + "/certificate.pem"));
    std::fprintf(stderr, "usage: haive-bench-echo stdio | http | https FOLDER\n");
    return 2;
}
