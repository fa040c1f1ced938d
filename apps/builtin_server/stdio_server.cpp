#include "stdio_server.hpp"

#include "conversation.hpp"
#include "fast_echo.hpp"
#include "input.hpp"
#include "json_text.hpp"
#include "output.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace builtin {

namespace {

class StdioServer {
public:
    StdioServer(const Switches& switches, int argc, char** argv)
        : world_(switches, argc, argv),
          sink_(),
          out_(std::make_shared<Output>(world_.switches, sink_)),
          conversation_(std::make_shared<Conversation>(world_, out_)) {
        world_.flush = [this] { out_->flush(); };
        world_.close_output = [this] { out_->close(); };
        for (int i = 0; i < switches.junk_start; ++i) out_->raw("Starting up... (this line is no message)\n");
    }
    ~StdioServer() { conversation_->close(); }
    StdioServer(const StdioServer&) = delete;
    StdioServer& operator=(const StdioServer&) = delete;

    int run();

private:
    void on_line(std::string_view line);
    [[nodiscard]] bool reads() const { return !ended_ && conversation_->reading(); }

    World world_;
    StdoutSink sink_;
    Input in_;
    FastEcho fast_;
    std::shared_ptr<Output> out_;
    std::shared_ptr<Conversation> conversation_;
    bool ended_ = false;
};

int StdioServer::run() {
    const auto each_line = [this](std::string_view line) { on_line(line); };
    for (;;) {
        world_.take_waiting();
        out_->flush();
        pollfd in{reads() ? STDIN_FILENO : -1, POLLIN, 0};
        if (poll(&in, 1, world_.timers.wait_ms()) < 0 && errno != EINTR) return 1;
        world_.timers.run_due();
        if (in.revents == 0 || !reads()) continue;
        if (in_.read(each_line) == Input::Got::end) {
            out_->flush();
            if (!world_.switches.ignore_eof) return 0;
            ended_ = true;
        }
    }
}

void StdioServer::on_line(std::string_view line) {
    Replies& replies = world_.replies;
    if (replies.silent() || !reads() || line.find_first_not_of(" \t") == std::string_view::npos) return;
    const bool plain = world_.switches.calls_are_plain();
    if (plain && fast_.answer(line, out_->buffer())) return;
    try {
        json::object message = message_in(line);
        const int before = world_.answered;
        conversation_->on_message(std::move(message), out_);
        if (plain && world_.answered != before) fast_.learn(line, conversation_->last_was_modern());
    } catch (const Refusal& refusal) {
        replies.refuse(*out_, nullptr, refusal);
    }
}

}  // namespace

int serve_stdio(const Switches& switches, int argc, char** argv) { return StdioServer(switches, argc, argv).run(); }

}  // namespace builtin
