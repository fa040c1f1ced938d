#pragma once

#include <string>
#include <string_view>

namespace haive::mcp {

/// How a request is answered.
struct ScrapeAnswer {
    std::string text;      ///< the head, and the body where it is no metrics
    bool metrics = false;  ///< the metrics follow
    bool chunked = false;  ///< in chunks, so that a cut is seen; else, for HTTP/1.0, to the connection's end
};

/// The answer to a request whose head is `head`, up to and with the empty line. Only `GET` and `HEAD` of `/metrics`
/// are served. Pure.
[[nodiscard]] ScrapeAnswer scrape_answer(std::string_view head);

/// Around a chunk: `begin_chunk`, then what is appended, then `end_chunk` with what `begin_chunk` said.
[[nodiscard]] std::size_t begin_chunk(std::string& out);
void end_chunk(std::string& out, std::size_t begun);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace haive::mcp
