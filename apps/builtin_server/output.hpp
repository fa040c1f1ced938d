#pragma once

#include "switches.hpp"

#include <string>
#include <string_view>

namespace builtin {

/// stdout: gathers what one read caused into one write, and spoils bytes as told.
class Output {
public:
    explicit Output(const Switches& switches) : switches_(switches) {}

    /// One message, without its newline.
    void line(std::string_view json);
    /// An answer: a line with the noise that goes before answers.
    void answer(std::string_view json);
    /// The answer that holds a result: the lines that `--half-line-...` count.
    void result(std::string_view json);
    /// Bytes as they are.
    void raw(std::string_view bytes) { buffer_ += bytes; }
    /// Room for the short way: the caller appends a whole line with its newline.
    [[nodiscard]] std::string& buffer() noexcept { return buffer_; }
    void flush();
    void close();

private:
    void noise();
    void half(std::string_view json);
    void decorate(std::string_view json, std::string& out);

    const Switches& switches_;
    std::string buffer_;
    int results_ = 0;
    bool started_ = false;
    bool closed_ = false;
};

}  // namespace builtin
