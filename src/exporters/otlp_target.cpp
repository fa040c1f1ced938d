#include "exporters/otlp_target.hpp"

#include <curl/curl.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <unistd.h>

namespace haive::mcp {

namespace {

/// One JSON document a line, as OpenTelemetry's file exporter writes them.
class FileTarget final : public OtlpTarget {
public:
    explicit FileTarget(int fd) : fd_(fd) {}
    ~FileTarget() override { ::close(fd_); }
    FileTarget(const FileTarget&) = delete;
    FileTarget& operator=(const FileTarget&) = delete;

    bool put(std::string_view /*path*/, const std::string& body) override {
        const std::string line = body + '\n';
        std::size_t written = 0;
        while (written < line.size()) {
            const ssize_t n = ::write(fd_, line.data() + written, line.size() - written);
            if (n < 0 && errno != EINTR) return false;
            if (n > 0) written += static_cast<std::size_t>(n);
        }
        return true;
    }

private:
    int fd_;
};

std::size_t ignore(char*, std::size_t size, std::size_t n, void*) { return size * n; }

/// OTLP/HTTP with JSON, over one kept connection. Follows no redirect: the headers are for the one who was named.
class HttpTarget final : public OtlpTarget {
public:
    explicit HttpTarget(const OtlpOptions& options) : base_(options.target) {
        while (base_.ends_with('/')) base_.pop_back();
        // As in CurlMulti, whichever comes first: no cleanup at exit while a loop thread may still be ending.
        OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
        (void)curl_global_init(CURL_GLOBAL_DEFAULT);
        easy_ = curl_easy_init();
        add_header("Content-Type: application/json");
        add_header("Expect:");
        for (const auto& [name, value] : options.headers) add_header(name + ": " + value);
    }
    ~HttpTarget() override {
        curl_slist_free_all(headers_);
        curl_easy_cleanup(easy_);
        curl_global_cleanup();
    }
    HttpTarget(const HttpTarget&) = delete;
    HttpTarget& operator=(const HttpTarget&) = delete;

    bool put(std::string_view path, const std::string& body) override {
        if (easy_ == nullptr) return false;
        const std::string url = base_ + std::string(path);
        curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.data());
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, ignore);
        curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, 5000L);
        curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, 2000L);
        curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
        if (curl_easy_perform(easy_) != CURLE_OK) return false;
        long status = 0;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
        return status >= 200 && status < 300;
    }

private:
    void add_header(const std::string& line) {
        if (line.find_first_of("\r\n") != std::string::npos) return;
        if (curl_slist* longer = curl_slist_append(headers_, line.c_str())) headers_ = longer;
    }

    std::string base_;
    CURL* easy_ = nullptr;
    curl_slist* headers_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<OtlpTarget>> open_otlp_target(const OtlpOptions& options) {
    if (options.target.starts_with("http://") || options.target.starts_with("https://")) {
        return std::unique_ptr<OtlpTarget>(std::make_unique<HttpTarget>(options));
    }
    const int fd = ::open(options.target.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        Error error(ErrorKind::invalid_config,
                    "'" + options.target + "' cannot be written to: " + std::strerror(errno));
        error.set_mend("give http://HOST:PORT of a collector, or a file in a folder that can be written to");
        return error;
    }
    return std::unique_ptr<OtlpTarget>(std::make_unique<FileTarget>(fd));
}

}  // namespace haive::mcp
