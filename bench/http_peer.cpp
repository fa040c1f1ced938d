#include "http_rows.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace haive::bench {

namespace {

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::exit(1);
}

/// A key and a certificate for 127.0.0.1 that vouches for itself.
void write_certificate(const std::string& certificate, const std::string& key_file) {
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
    const auto to_file = [](const std::string& path, auto write) {
        std::FILE* file = std::fopen(path.c_str(), "w");
        if (file == nullptr) die(path.c_str());
        write(file);
        std::fclose(file);
    };
    to_file(certificate, [&](std::FILE* f) { PEM_write_X509(f, x509); });
    to_file(key_file, [&](std::FILE* f) { PEM_write_PrivateKey(f, key, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_free(x509);
    EVP_PKEY_free(key);
}

}  // namespace

HttpEcho::HttpEcho(const std::string& program, const std::string& tls_folder) {
    std::string key;
    if (!tls_folder.empty()) {
        certificate_ = tls_folder + "/bench-certificate.pem";
        key = tls_folder + "/bench-key.pem";
        write_certificate(certificate_, key);
    }
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) die("pipe2");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    std::string name = program;
    std::array<char*, 4> argv{name.data(), nullptr, nullptr, nullptr};
    if (!certificate_.empty()) {
        argv[1] = certificate_.data();
        argv[2] = key.data();
    }
    if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ) != 0) die(program.c_str());
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    stdin_ = in[1];
    std::array<char, 16> text{};
    if (read(out[0], text.data(), text.size() - 1) <= 0) die("no port from the echo server");
    close(out[0]);
    port_ = static_cast<std::uint16_t>(std::atoi(text.data()));
}

HttpEcho::~HttpEcho() {
    close(stdin_);
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
}

std::string HttpEcho::url() const {
    return (certificate_.empty() ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port_) + "/mcp";
}

Sample peer_client(const std::string& command, const HttpEcho& server, int calls, int in_flight) {
    const std::string line =
        command + " " + server.url() + " " + std::to_string(calls) + " " + std::to_string(in_flight);
    std::FILE* pipe = popen(line.c_str(), "r");
    if (pipe == nullptr) die(command.c_str());
    Sample sample;
    if (std::fscanf(pipe, "%lf %lf", &sample.cpu_us, &sample.wall_us) != 2) {
        std::fprintf(stderr, "no figures from: %s\n", line.c_str());
        std::exit(1);
    }
    pclose(pipe);
    return sample;
}

}  // namespace haive::bench
