#include "support/test_certificate.hpp"

#include <cstdio>
#include <cstdlib>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace haive::mcp::testing {

namespace {

std::shared_ptr<X509> self_signed(EVP_PKEY* key) {
    std::shared_ptr<X509> out(X509_new(), X509_free);
    X509* x509 = out.get();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_set_pubkey(x509, key);
    X509_NAME* name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
    X509_EXTENSION* where = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(x509, where, -1);
    X509_EXTENSION_free(where);
    if (X509_sign(x509, key, EVP_sha256()) == 0) throw std::runtime_error("the certificate cannot be signed");
    return out;
}

}  // namespace

TestCertificate::TestCertificate() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), x509_(self_signed(key_.get())) {
    std::string folder = std::filesystem::temp_directory_path() / "haive-tls-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no folder for temporary files");
    folder_ = folder;
    file_ = folder_ / "ca.pem";
    std::FILE* out = std::fopen(file_.c_str(), "w");
    const bool written = out != nullptr && PEM_write_X509(out, x509_.get()) == 1;
    if (out != nullptr) std::fclose(out);
    if (!written) throw std::runtime_error("the certificate cannot be written");
}

TestCertificate::~TestCertificate() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::shared_ptr<SSL_CTX> TestCertificate::server(int version) const {
    std::shared_ptr<SSL_CTX> out(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_use_certificate(out.get(), x509_.get());
    SSL_CTX_use_PrivateKey(out.get(), key_.get());
    SSL_CTX_set_min_proto_version(out.get(), version);
    SSL_CTX_set_max_proto_version(out.get(), version);
    return out;
}

}  // namespace haive::mcp::testing
