#include "chaos/life.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace haive::mcp::chaos {

using namespace std::chrono_literals;

namespace {

bool is_json(std::string_view text) {
    boost::system::error_code error;
    (void)boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
    return !error;
}

}  // namespace

ByteStream::Written Life::take(std::span<const iovec> pieces) {
    ByteStream::Written out;
    if (!alive_ || client_gone_) {
        out.broken = true;
        return out;
    }
    for (const iovec& piece : pieces) {
        const std::size_t n = std::min(piece.iov_len, wire_->room);
        to_server_.append(static_cast<const char*>(piece.iov_base), n);
        if (wire_->room != Behaviour::all) wire_->room -= n;
        out.bytes += n;
        if (n < piece.iov_len) {
            out.blocked = true;
            break;
        }
    }
    serve_soon();
    return out;
}

void Life::client_left() {
    handler = nullptr;
    client_gone_ = true;
    serve_soon();
}

void Life::serve_soon() {
    if (serving_) return;
    serving_ = true;
    wire_->agenda.loop().post([self = shared_from_this()] {
        self->serving_ = false;
        self->serve();
    });
}

void Life::serve() {
    while (alive_ && wire_->behaviour.reads) {
        const std::size_t newline = to_server_.find('\n');
        if (newline == std::string::npos) break;
        const std::string line = to_server_.substr(0, newline);
        to_server_.erase(0, newline + 1);
        if (!is_json(line)) wire_->fail("a torn frame reached the server: " + line);
        on_line(line);
    }
    // At the end of its input a reader may take what lacks only its newline.
    if (alive_ && wire_->behaviour.reads && client_gone_ && !to_server_.empty()) {
        const std::string rest = std::exchange(to_server_, std::string());
        if (is_json(rest)) on_line(rest);
    }
}

void Life::resume() {
    if (!alive_) return;
    for (auto& what : std::exchange(stalled_, {})) {
        if (alive_) what();
    }
    serve_soon();
}

void Life::later(Duration wait, UniqueFunction<void()> what) {
    wire_->agenda.after(wait, [weak = weak_from_this(), what = std::move(what)]() mutable {
        auto self = weak.lock();
        if (!self || !self->alive_) return;
        if (self->wire_->behaviour.reads) {
            what();
        } else {
            self->stalled_.push_back(std::move(what));
        }
    });
}

void Life::say_line(std::string line) {
    Dice& dice = wire_->dice;
    const Behaviour& b = wire_->behaviour;
    line += '\n';
    if (b.junk > 0 && dice.chance(b.junk)) {
        const auto junk = dice.pick<std::string_view>({"listening on port 8080\n", "\n", "{\"jsonrpc\":\"2.0\",\n",
                                                       "[1,2\n", "{}\n", "[]\n", "null\n", "\x1b[32mok\x1b[0m\n"});
        say(std::string(junk));
    }
    if (b.half_line > 0 && !half_said_ && dice.chance(b.half_line)) {
        const std::size_t half = static_cast<std::size_t>(dice.between(1, static_cast<int>(line.size()) - 1));
        say(line.substr(0, half));
        half_said_ = true;
        held_back_ = line.substr(half);
        later(dice.magnitude(1ms, 30s), [this] {
            half_said_ = false;
            say(std::exchange(held_back_, std::string()));
        });
        return;
    }
    say(line);
}

void Life::say(std::string bytes) {
    if (half_said_) {
        held_back_ += bytes;
        return;
    }
    const std::size_t slice = wire_->behaviour.slice;
    for (std::size_t from = 0; from < bytes.size() && handler != nullptr && alive_;) {
        std::string block = bytes.substr(from, slice);
        from += block.size();
        const std::size_t size = block.size();
        block.append(read_slack, ' ');
        handler->on_bytes(block.data(), size);
    }
}

Duration Life::thinking_time() { return wire_->dice.magnitude(wire_->behaviour.quickest, wire_->behaviour.slowest); }

}  // namespace haive::mcp::chaos
