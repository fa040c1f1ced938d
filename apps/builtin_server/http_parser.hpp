#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace builtin {

/// One request, whole.
struct HttpRequest {
    std::string method;
    std::string path;                                          // without the query
    std::string query;                                         // without the `?`
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, values without outer blanks
    std::string body;
    bool keep_alive = true;

    /// The first header of that name (in lower case); nullptr when there is none.
    [[nodiscard]] const std::string* header(std::string_view name) const;
};

/// Reads HTTP/1.1 requests out of bytes that come in any pieces (RFC 9112). Pure. Bounds: 64 KiB of head, 256 MiB
/// of body.
class HttpParser {
public:
    void feed(std::string_view bytes) { buffer_ += bytes; }
    /// The next whole request. After a bad one there is none any more.
    [[nodiscard]] std::optional<HttpRequest> next();
    /// The status to refuse with; 0 while all is well.
    [[nodiscard]] int bad() const noexcept { return bad_; }
    /// Once for each request that waits to be told to go on (Expect: 100-continue).
    [[nodiscard]] bool take_expectation();
    /// What came after the last request.
    [[nodiscard]] const std::string& rest() const noexcept { return buffer_; }
    [[nodiscard]] std::size_t buffered() const noexcept { return buffer_.size(); }

private:
    [[nodiscard]] bool read_head();
    void read_header(std::string_view line);
    [[nodiscard]] bool read_body();
    [[nodiscard]] bool read_chunks();
    [[nodiscard]] bool fail(int status);
    /// The next line of the buffer without its end; nullopt when it is not whole.
    [[nodiscard]] std::optional<std::string> take_line();

    std::string buffer_;
    std::size_t at_ = 0;
    HttpRequest request_;
    std::size_t length_ = 0;
    std::size_t chunk_left_ = 0;
    enum class In { head, body, chunk_size, chunk, chunk_end, trailers } in_ = In::head;
    bool expects_ = false;
    bool has_length_ = false;
    bool chunked_ = false;
    int bad_ = 0;
};

}  // namespace builtin
