#include "exporters/scrape_answer.hpp"

#include "haive/mcp/exporters/prometheus_text.hpp"

namespace haive::mcp {

namespace {

std::string answer(std::string_view status, std::string_view type, const std::string& body, bool with_body,
                   std::string_view more = "") {
    std::string out = "HTTP/1.1 " + std::string(status) + "\r\nContent-Type: " + std::string(type) +
                      "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more) +
                      "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
    if (with_body) out += body;
    return out;
}

constexpr std::string_view plain = "text/plain; charset=utf-8";

}  // namespace

std::string scrape_answer(std::string_view head, const std::function<std::string()>& text) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || last == first || !line.substr(last + 1).starts_with("HTTP/1.")) {
        return answer("400 Bad Request", plain, "not an HTTP/1 request\n", true);
    }
    const std::string_view method = line.substr(0, first);
    std::string_view target = line.substr(first + 1, last - first - 1);
    target = target.substr(0, target.find('?'));
    if (method != "GET" && method != "HEAD") {
        return answer("405 Method Not Allowed", plain, "GET only\n", true, "Allow: GET, HEAD\r\n");
    }
    const bool with_body = method == "GET";
    if (target != "/metrics") return answer("404 Not Found", plain, "the metrics are at /metrics\n", with_body);
    return answer("200 OK", prometheus_content_type, text(), with_body);
}

}  // namespace haive::mcp
