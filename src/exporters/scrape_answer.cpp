#include "exporters/scrape_answer.hpp"

#include "haive/mcp/exporters/prometheus_text.hpp"

namespace haive::mcp {

namespace {

std::string head_of(std::string_view status, std::string_view type, std::string_view more) {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: " + std::string(type) + "\r\n" + std::string(more) +
           "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
}

ScrapeAnswer refusal(std::string_view status, std::string_view why, bool with_body = true, std::string_view more = "") {
    ScrapeAnswer out;
    out.text = head_of(status, "text/plain; charset=utf-8",
                       "Content-Length: " + std::to_string(why.size()) + "\r\n" + std::string(more));
    if (with_body) out.text += why;
    return out;
}

constexpr std::string_view size_line = "00000000\r\n";

}  // namespace

ScrapeAnswer scrape_answer(std::string_view head) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first || !line.substr(last + 1).starts_with("HTTP/1.")) {
        return refusal("400 Bad Request", "not an HTTP/1 request\n");
    }
    const std::string_view method = line.substr(0, first);
    std::string_view target = line.substr(first + 1, last - first - 1);
    target = target.substr(0, target.find('?'));
    if (method != "GET" && method != "HEAD") {
        return refusal("405 Method Not Allowed", "GET only\n", true, "Allow: GET, HEAD\r\n");
    }
    const bool with_body = method == "GET";
    if (target != "/metrics") return refusal("404 Not Found", "the metrics are at /metrics\n", with_body);
    ScrapeAnswer out;
    out.chunked = line.substr(last + 1) != "HTTP/1.0";
    out.metrics = with_body;
    out.text = head_of("200 OK", prometheus_content_type, out.chunked ? "Transfer-Encoding: chunked\r\n" : "");
    return out;
}

std::size_t begin_chunk(std::string& out) {
    out += size_line;
    return out.size();
}

void end_chunk(std::string& out, std::size_t begun) {
    std::size_t size = out.size() - begun;
    for (std::size_t i = 0; i < size_line.size() - 2; ++i, size /= 16) {
        out[begun - 3 - i] = "0123456789abcdef"[size % 16];
    }
    out += "\r\n";
}

}  // namespace haive::mcp
