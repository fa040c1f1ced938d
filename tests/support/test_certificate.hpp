#pragma once

#include <filesystem>
#include <memory>
#include <openssl/ssl.h>
#include <string>

namespace haive::mcp::testing {

/// A certificate for 127.0.0.1 that vouches for itself, made anew each time, and a server's TLS with it.
class TestCertificate {
public:
    /// Throws std::runtime_error when it cannot be made.
    TestCertificate();
    ~TestCertificate();
    TestCertificate(const TestCertificate&) = delete;
    TestCertificate& operator=(const TestCertificate&) = delete;

    /// What a client that trusts it is given as its authorities.
    [[nodiscard]] const std::string& ca_file() const noexcept { return file_; }
    /// `version`: TLS1_2_VERSION or TLS1_3_VERSION, and no other is spoken.
    [[nodiscard]] std::shared_ptr<SSL_CTX> server(int version) const;

private:
    std::filesystem::path folder_;
    std::string file_;
    std::shared_ptr<EVP_PKEY> key_;
    std::shared_ptr<X509> x509_;
};

}  // namespace haive::mcp::testing
