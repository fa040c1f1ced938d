#include "line_server.hpp"

#include "conversation.hpp"
#include "json_text.hpp"
#include "line_cutter.hpp"
#include "output.hpp"

namespace builtin {

namespace {

class StreamSink final : public Sink {
public:
    explicit StreamSink(StreamPtr stream) : stream_(std::move(stream)) {}
    void write(std::string_view bytes) override { stream_->write(bytes); }
    void close() override { stream_->close(); }

private:
    StreamPtr stream_;
};

/// Writes each message at once, as there is no end of a round to gather for.
class StreamOutlet final : public Outlet {
public:
    StreamOutlet(const Switches& switches, StreamPtr stream) : sink_(std::move(stream)), out_(switches, sink_) {}
    void line(std::string_view json) override {
        out_.line(json);
        out_.flush();
    }
    void answer(std::string_view json, int code) override {
        out_.answer(json, code);
        out_.flush();
    }
    void interrupt(bool) override { out_.close(); }

private:
    StreamSink sink_;
    Output out_;
};

/// One connection. Its stream's handlers own it.
class LineConnection {
public:
    LineConnection(World& world, const StreamPtr& stream)
        : world_(world),
          outlet_(std::make_shared<StreamOutlet>(world.switches, stream)),
          conversation_(std::make_shared<Conversation>(world, outlet_)) {}
    ~LineConnection() { conversation_->close(); }
    LineConnection(const LineConnection&) = delete;
    LineConnection& operator=(const LineConnection&) = delete;

    void on_bytes(std::string_view bytes) {
        cutter_.feed(bytes, [this](std::string_view line) { on_line(line); });
    }

private:
    void on_line(std::string_view line) {
        if (world_.replies.silent() || !conversation_->reading()) return;
        if (line.find_first_not_of(" \t") == std::string_view::npos) return;
        try {
            conversation_->on_message(message_in(line), outlet_);
        } catch (const Refusal& refusal) {
            world_.replies.refuse(*outlet_, nullptr, refusal);
        }
    }

    World& world_;
    LineCutter cutter_;
    OutletPtr outlet_;
    std::shared_ptr<Conversation> conversation_;
};

}  // namespace

void serve_lines(World& world, StreamPtr stream) {
    auto connection = std::make_shared<LineConnection>(world, stream);
    stream->start([connection](std::string_view bytes) { connection->on_bytes(bytes); }, [connection] {});
}

}  // namespace builtin
