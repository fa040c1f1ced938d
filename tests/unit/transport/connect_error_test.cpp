#include "transport/http/connect_error.hpp"

#include <cerrno>
#include <gmock/gmock.h>

namespace haive::mcp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Error error_of(CURLcode code, std::string words = {}, long proxy_status = 0, int os_error = 0) {
    HttpEndpoint endpoint;
    endpoint.tls = true;
    endpoint.host = "mcp.example.com";
    endpoint.port = 8443;
    ConnectFailure failure;
    failure.code = code;
    failure.words = std::move(words);
    failure.proxy_status = proxy_status;
    failure.os_error = os_error;
    return connect_error(endpoint, failure);
}

TEST(ConnectError, TimeMayMendTheNetwork) {
    for (const CURLcode code :
         {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT,
          CURLE_SSL_CONNECT_ERROR, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR}) {
        const Error error = error_of(code);
        EXPECT_EQ(error.attempt_class(), AttemptClass::retryable) << code;
        EXPECT_EQ(error.disposition(), Disposition::not_sent);
        EXPECT_THAT(error.message(), HasSubstr("mcp.example.com:8443"));
    }
    EXPECT_THAT(error_of(CURLE_COULDNT_CONNECT, "", 0, ECONNREFUSED).message(), HasSubstr("refused"));
    EXPECT_THAT(error_of(CURLE_COULDNT_CONNECT, "", 0, ENETUNREACH).details().mend, HasSubstr("route"));
}

TEST(ConnectError, OnlyAChangeMendsTrustAndFiles) {
    for (const CURLcode code : {CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
                                CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL}) {
        const Error error = error_of(code);
        EXPECT_EQ(error.attempt_class(), AttemptClass::fatal) << code;
        EXPECT_FALSE(error.details().mend.empty()) << code;
    }
}

TEST(ConnectError, AProxysRefusalIsSaidAsOne) {
    EXPECT_EQ(error_of(CURLE_RECV_ERROR, "", 407).attempt_class(), AttemptClass::fatal);
    EXPECT_EQ(error_of(CURLE_RECV_ERROR, "", 403).attempt_class(), AttemptClass::fatal);
    EXPECT_EQ(error_of(CURLE_RECV_ERROR, "", 502).attempt_class(), AttemptClass::retryable);
    EXPECT_THAT(error_of(CURLE_RECV_ERROR, "", 407).details().mend, HasSubstr("login"));
}

TEST(ConnectError, NeverHoldsACredential) {
    for (const char* words : {
             "Unsupported proxy scheme for 'gopher://alice:hunter2@proxy:3128'",
             "bad alice:hunter2@proxy",
             "x http://alice:hunter2@b@proxy:1/ y",
             "alice:hunter2@proxy",
         }) {
        const std::string text = error_of(CURLE_COULDNT_CONNECT, words).to_string();
        EXPECT_THAT(text, Not(HasSubstr("hunter2"))) << words;
        EXPECT_THAT(text, Not(HasSubstr("alice"))) << words;
        EXPECT_THAT(text, HasSubstr("***@")) << words;
    }
    const std::string long_one = "proxy http://alice:" + std::string(400, 'p') + "hunter2@proxy";
    EXPECT_THAT(error_of(CURLE_COULDNT_CONNECT, long_one).to_string(), Not(HasSubstr("ppp")));
    EXPECT_EQ(without_credentials("no secrets, none"), "no secrets, none");
}

TEST(ConnectError, ARefusedClientCertificateIsFatalEvenLate) {
    const Error late = broken_wire_error(CURLE_RECV_ERROR, "OpenSSL SSL_read: tlsv13 alert certificate required");
    EXPECT_EQ(late.kind(), ErrorKind::connection_lost);
    EXPECT_EQ(late.attempt_class(), AttemptClass::fatal);
    EXPECT_THAT(late.details().mend, HasSubstr("client_certificate"));
    EXPECT_EQ(broken_wire_error(CURLE_RECV_ERROR, "reset").attempt_class(), AttemptClass::retryable);
}

}  // namespace
}  // namespace haive::mcp
