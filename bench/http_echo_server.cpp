// The fast peer of the HTTP rows: answers the few requests that the rows send, a thread a connection.
//     haive-bench-http-echo [CERTIFICATE KEY]      prints its port; ends when its stdin does
// GET /last gives back the newest tools/call request as it came, for the bare loop to repeat.
#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

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

std::string_view between(std::string_view text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string_view::npos) return {};
    const std::size_t start = at + from.size();
    return text.substr(start, text.find_first_of(to, start) - start);
}

std::string answer_to(std::string_view request, std::string_view body, LastCall& last) {
    if (request.starts_with("GET /last ")) return answer(200, last.get());
    if (request.starts_with("GET ")) return answer(405, "");
    const std::string_view id = between(body, "\"id\":", ",}");
    if (id.empty()) return answer(request.starts_with("DELETE ") ? 200 : 202, "");
    const std::string_view method = between(body, "\"method\":\"", "\"");
    const std::string head = R"({"jsonrpc":"2.0","id":)" + std::string(id);
    const bool modern = body.find("2026-07-28") != std::string_view::npos;
    const std::string type = modern ? R"("resultType":"complete",)" : "";
    if (method == "tools/call") {
        last.set(request);
        return answer(200, head + R"(,"result":{)" + type + R"("content":[{"type":"text","text":")" +
                               std::string(between(body, "\"text\":\"", "\"")) + R"("}]}})");
    }
    if (method == "tools/list") {
        return answer(200, head + R"(,"result":{)" + type +
                               R"("ttlMs":1000,"cacheScope":"public","tools":[{"name":"echo","inputSchema":)"
                               R"({"type":"object","properties":{"text":{"type":"string"}}}}]}})");
    }
    if (method == "initialize") {
        return answer(200, head + R"(,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},)"
                                  R"("serverInfo":{"name":"echo","version":"1"}}})");
    }
    if (method == "server/discover") {
        return answer(200, head + R"(,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],)"
                                  R"("capabilities":{"tools":{}},"serverInfo":{"name":"echo","version":"1"},)"
                                  R"("ttlMs":1000,"cacheScope":"public"}})");
    }
    return answer(200, head + R"(,"error":{"code":-32601,"message":"no such method"}})");
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
    char buffer[16384];
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

SSL_CTX* tls_context(const char* certificate, const char* key) {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        std::fprintf(stderr, "cannot use %s and %s\n", certificate, key);
        std::exit(1);
    }
    return context;
}

}  // namespace

int main(int argc, char** argv) {
    SSL_CTX* tls = argc > 2 ? tls_context(argv[1], argv[2]) : nullptr;
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
