// URLs, header values, cookies, dates and refusals: nothing that came from outside may break a header line.
#include "base/header_value.hpp"
#include "transport/http/answer_plan.hpp"
#include "transport/http/cookie_jar.hpp"
#include "transport/http/http_url.hpp"
#include "transport/http/retry_after_parser.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace haive::mcp;

namespace {

void must_fit_a_line(std::string_view text) {
    if (!is_header_text(text)) std::abort();
}

void check_url(std::string_view text, std::string_view reference) {
    const auto url = HttpUrl::parse(text);
    if (!url) return;
    must_fit_a_line(url->target);
    must_fit_a_line(url->host);
    if (url->target.empty() || url->target.find(' ') != std::string::npos || url->port == 0) std::abort();
    if (const auto again = HttpUrl::parse(url->origin() + url->target); again) {
        if (!again->same_origin(*url)) std::abort();
    }
    if (const auto there = url->resolve(reference); there) must_fit_a_line(there->target);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t half = std::min<std::size_t>(data[0], text.size());
    const std::string_view left = text.substr(0, half);
    const std::string_view right = text.substr(half);

    check_url(left, right);
    const std::string value = encode_header_value(text);
    must_fit_a_line(value);
    if (value != text && !value.starts_with("=?base64?")) std::abort();

    CookieJar jar;
    jar.take(left);
    jar.take(right);
    if (!jar.line().empty()) must_fit_a_line(std::string_view(jar.line()).substr(0, jar.line().size() - 2));

    if (const auto wait = parse_retry_after(left, right, 1'700'000'000); wait && *wait < Duration::zero()) std::abort();

    RefusalFacts facts;
    facts.status = 400 + data[0];
    facts.body = left;
    facts.www_authenticate = right;
    facts.had_session = (data[0] & 1U) != 0;
    if (meaning_of(facts) == RefusalMeaning::session_lost && !facts.had_session) std::abort();
    const Error error = refusal_error(facts);
    if (error.details().peer_text.size() > 4096) std::abort();
    AnswerHead head;
    head.status = 200;
    head.content_type = left;
    head.location = right;
    (void)reading_of(head);
    return 0;
}
