#include "transport/memory/memory_stream.hpp"

namespace haive::mcp {

struct MemoryStream::Shared : std::enable_shared_from_this<Shared> {
    explicit Shared(Loop& l) : loop(l) {}

    Loop& loop;
    Handler* handler = nullptr;
    std::unique_ptr<MemoryServer> server;
    std::string to_server;
    std::string to_client;
    std::string unfinished;  // of a line to the server
    bool server_turn_posted = false;
    bool client_turn_posted = false;
    std::function<void(std::string)> reply;

    void serve() {
        server_turn_posted = false;
        std::string block;
        block.swap(to_server);
        std::size_t from = 0;
        auto keep = shared_from_this();
        while (server != nullptr) {
            const std::size_t newline = block.find('\n', from);
            if (newline == std::string::npos) break;
            std::string line = unfinished + block.substr(from, newline - from);
            unfinished.clear();
            from = newline + 1;
            server->on_line(line, reply);
        }
        unfinished.append(block, from);
    }
    void take_reply(std::string line) {
        if (handler == nullptr) return;
        to_client += line;
        to_client += '\n';
        if (std::exchange(client_turn_posted, true)) return;
        loop.post([keep = shared_from_this()] { keep->hand_over(); });
    }
    void hand_over() {
        client_turn_posted = false;
        if (handler == nullptr) return;
        std::string block;
        block.swap(to_client);
        const std::size_t size = block.size();
        block.append(read_slack, ' ');
        handler->on_bytes(block.data(), size);
    }
};

MemoryStream::MemoryStream(Loop& loop, std::unique_ptr<MemoryServer> server) : shared_(std::make_shared<Shared>(loop)) {
    shared_->server = std::move(server);
}

void MemoryStream::start(Handler& handler) {
    shared_->handler = &handler;
    shared_->reply = [weak = std::weak_ptr(shared_)](std::string line) {
        if (auto shared = weak.lock()) shared->take_reply(std::move(line));
    };
}

ByteStream::Written MemoryStream::write(std::span<const iovec> pieces) {
    Written out;
    for (const iovec& piece : pieces) {
        shared_->to_server.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
        out.bytes += piece.iov_len;
    }
    if (!std::exchange(shared_->server_turn_posted, true)) {
        shared_->loop.post([keep = shared_] { keep->serve(); });
    }
    return out;
}

void MemoryStream::close() noexcept {
    shared_->handler = nullptr;
    shared_->server.reset();
}

}  // namespace haive::mcp
