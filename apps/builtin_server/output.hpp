#pragma once

#include "outlet.hpp"
#include "switches.hpp"

#include <string>
#include <string_view>

namespace builtin {

/// Where Output's bytes go.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void write(std::string_view bytes) = 0;
    virtual void close() = 0;
};

/// stdout: blocks while the client does not read, and ends this process once nobody ever will.
class StdoutSink final : public Sink {
public:
    void write(std::string_view bytes) override;
    void close() override;
};

/// Messages as lines: gathers what one read caused into one write, and spoils bytes as told.
class Output final : public Outlet {
public:
    Output(const Switches& switches, Sink& sink) : switches_(switches), sink_(sink) {}

    void line(std::string_view json) override;
    /// With the noise that goes before answers. Those with a result are what `--half-line-...` count.
    void answer(std::string_view json, int code) override;
    /// Bytes as they are.
    void raw(std::string_view bytes) { buffer_ += bytes; }
    /// Room for the short way: the caller appends a whole line with its newline.
    [[nodiscard]] std::string& buffer() noexcept { return buffer_; }
    void flush();
    void close();

private:
    void whole(std::string_view json);
    void result(std::string_view json);
    void noise();
    void half(std::string_view json);
    void decorate(std::string_view json, std::string& out);

    const Switches& switches_;
    Sink& sink_;
    std::string buffer_;
    int results_ = 0;
    bool started_ = false;
    bool closed_ = false;
};

}  // namespace builtin
