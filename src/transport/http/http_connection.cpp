#include "transport/http/http_connection.hpp"

#include "transport/http/http_text.hpp"

#include <utility>

namespace haive::mcp {

namespace {

constexpr std::size_t kept_head = 4096;  // an idle connection keeps no more of its head's buffer

}  // namespace

HttpConnection::HttpConnection(EpollLoop& loop, std::unique_ptr<HttpWire> wire, const std::string& authority,
                               HttpTimings timings, Keeper& keeper)
    : loop_(loop),
      keeper_(keeper),
      wire_(std::move(wire)),
      host_line_(" HTTP/1.1\r\nHost: " + authority + "\r\nAccept-Encoding: gzip, deflate\r\n"),
      timings_(timings) {}

HttpConnection::~HttpConnection() { wire_->close(); }

void HttpConnection::abandon() noexcept {
    user_ = nullptr;
    open_ = false;
    wire_->close();
}

void HttpConnection::write_head(const HttpRequest& request) {
    head_.clear();
    head_.append(request.method).append(" ").append(request.target).append(host_line_).append(request.headers);
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
        head_.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
    }
    head_.append("\r\n");
}

bool HttpConnection::send(const HttpRequest& request, User& user) {
    user_ = &user;
    sent_ = HttpSent::nothing;
    reusable_ = false;
    fault_ = {};
    inflate_.reset();
    keep_alive_.clear();
    parser_.reset(request.method == "HEAD");
    write_head(request);
    body_ = request.body;
    written_ = 0;
    if (push() || sent_ != HttpSent::nothing) return true;
    abandon();
    return false;
}

bool HttpConnection::push() {
    const std::size_t all = head_.size() + body_.size();
    std::array<iovec, 2> pieces{};
    std::size_t count = 0;
    const auto add = [&](std::string_view piece) {
        if (!piece.empty()) pieces[count++] = {const_cast<char*>(piece.data()), piece.size()};
    };
    add(std::string_view(head_).substr(std::min(written_, head_.size())));
    add(body_.substr(written_ > head_.size() ? written_ - head_.size() : 0));
    const ByteStream::Written out = wire_->write(std::span(pieces.data(), count));
    written_ += out.bytes;
    if (written_ == all) {
        sent_ = HttpSent::whole;
        sent_at_ = loop_.now();
        return true;
    }
    // A wire that cannot count may have let some go whenever it was offered any.
    if (written_ > 0 || !wire_->counts_exactly()) sent_ = HttpSent::part;
    if (out.broken) return false;  // the wire says so again, as its end
    wire_->await_writable();
    return true;
}

void HttpConnection::on_bytes(char* data, std::size_t size) {
    const auto keep = shared_from_this();
    if (user_ == nullptr) {
        // Nothing was asked: what it says belongs to no request.
        abandon();
        keeper_.idle_connection_ended(*this);
        return;
    }
    if (!parser_.started()) first_byte_at_ = loop_.now();
    const std::size_t used = parser_.feed(data, size, *this);
    if (user_ == nullptr) return;
    if (!fault_.empty()) {
        finish(verdict(Error(ErrorKind::protocol_violation, std::string(fault_))));
    } else if (parser_.state() == HttpResponseParser::State::failed) {
        std::string text = "the server's answer is no valid HTTP: ";
        finish(verdict(Error(ErrorKind::protocol_violation, text.append(parser_.fault()))));
    } else if (parser_.state() == HttpResponseParser::State::done) {
        reusable_ = parser_.persistent() && sent_ == HttpSent::whole && used == size;
        complete();
    }
}

void HttpConnection::on_stream_end(Error error, bool graceful) {
    const auto keep = shared_from_this();
    open_ = false;
    if (user_ == nullptr) {
        keeper_.idle_connection_ended(*this);
        return;
    }
    if (graceful) {
        parser_.finish();
        if (parser_.state() == HttpResponseParser::State::done) {
            complete();
            return;
        }
        std::string text = "the server closed the connection";
        text.append(parser_.started() ? " in the middle of its answer" : " without an answer");
        error = Error(ErrorKind::connection_lost, std::move(text));
    }
    finish(verdict(std::move(error)));
}

/// The answer came whole, as far as its framing says.
void HttpConnection::complete() {
    if (inflate_ && !inflate_->complete()) {
        finish(verdict(Error(ErrorKind::protocol_violation, "the answer's compressed body was cut off")));
    } else {
        finish(std::nullopt);
    }
}

Error HttpConnection::verdict(Error error) const {
    error.set_disposition(sent_ == HttpSent::whole ? Disposition::maybe_executed : Disposition::not_sent);
    if (parser_.started()) error.edit().started = true;
    return error;
}

void HttpConnection::finish(std::optional<Error> error) {
    inflate_.reset();
    body_ = {};
    if (head_.capacity() > kept_head) head_ = std::string();
    if (!reusable_ || error) {
        reusable_ = false;
        open_ = false;
        wire_->close();
    }
    timings_ = HttpTimings();
    timings_.reused = true;
    std::exchange(user_, nullptr)->on_finish(std::move(error));
}

bool HttpConnection::on_head(HttpHead& head) {
    timings_.first_byte = sent_ == HttpSent::whole ? first_byte_at_ - sent_at_ : Duration::zero();
    head.timings = timings_;
    for (const HttpHead::Field& field : head.fields) {
        if (iequals(field.name, "keep-alive")) keep_alive_ = field.value;
        if (iequals(field.name, "content-encoding") && !choose_coding(field.value)) {
            fault_ = "the answer is compressed in a way that was not asked for";
        }
    }
    user_->on_head(head);
    return user_ != nullptr && fault_.empty();
}

bool HttpConnection::choose_coding(std::string_view coding) {
    if (iequals(coding, "identity") || coding.empty()) return true;
    if (inflate_) return false;
    if (iequals(coding, "gzip") || iequals(coding, "x-gzip")) {
        inflate_ = std::make_unique<HttpInflate>(HttpInflate::Coding::gzip);
    } else if (iequals(coding, "deflate")) {
        inflate_ = std::make_unique<HttpInflate>(HttpInflate::Coding::deflate);
    }
    return inflate_ != nullptr;
}

bool HttpConnection::on_body(char* data, std::size_t size) {
    if (!inflate_) {
        user_->on_body(data, size);
        return user_ != nullptr;
    }
    // The connection is kept by on_bytes, and only finish() ends the inflater: it lives through this.
    const HttpInflate::Fed fed = inflate_->feed(data, size, *this);
    if (fed == HttpInflate::Fed::broken) fault_ = "the answer's compressed body is damaged";
    return fed == HttpInflate::Fed::more;
}

bool HttpConnection::on_inflated(char* data, std::size_t size) {
    user_->on_body(data, size);
    return user_ != nullptr;
}

}  // namespace haive::mcp
