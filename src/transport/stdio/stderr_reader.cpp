#include "transport/stdio/stderr_reader.hpp"

#include <cerrno>
#include <unistd.h>

namespace haive::mcp {

namespace {

constexpr std::size_t longest_line = 4096;
constexpr int reads_per_turn = 4;  // 256 KiB: a flood leaves others their turn

}  // namespace

StderrReader::StderrReader(EpollLoop& loop, StreamResources& resources, int fd, std::size_t capacity, OnLine on_line)
    : resources_(resources),
      pipe_(loop, fd),
      ring_(capacity),
      on_line_(std::move(on_line)),
      self_(std::make_shared<StderrReader*>(this)) {
    await_readable();
}

StderrReader::~StderrReader() { *self_ = nullptr; }

void StderrReader::await_readable() {
    if (!pipe_.is_open()) return;
    pipe_.wait_readable([self = self_] {
        if (*self == nullptr) return;
        for (int i = 0; i < reads_per_turn; ++i) {
            if (!(*self)->read_some()) break;
        }
        (*self)->await_readable();
    });
}

bool StderrReader::read_some() {
    if (!pipe_.is_open()) return false;
    ssize_t n = 0;
    do {
        n = read(pipe_.native_handle(), resources_.read_buffer(), resources_.read_buffer_size());
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        const std::string_view bytes(resources_.read_buffer(), static_cast<std::size_t>(n));
        ring_.add(bytes);
        if (on_line_) split_lines(bytes);
        return bytes.size() == resources_.read_buffer_size();
    }
    if (n < 0 && errno == EAGAIN) {
        pipe_.drained();
        return false;
    }
    pipe_.close();
    return false;
}

void StderrReader::split_lines(std::string_view bytes) {
    for (;;) {
        const std::size_t newline = bytes.find('\n');
        const std::string_view part = bytes.substr(0, newline);
        line_.append(part.substr(0, longest_line - std::min(longest_line, line_.size())));
        if (newline == std::string_view::npos) return;
        if (line_.ends_with('\r')) line_.pop_back();
        on_line_(line_);
        line_.clear();
        bytes.remove_prefix(newline + 1);
    }
}

void StderrReader::drain() {
    for (int i = 0; i < 16 && read_some(); ++i) {}
}

}  // namespace haive::mcp
