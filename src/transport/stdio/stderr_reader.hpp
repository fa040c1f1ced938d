#pragma once

#include "transport/loop/descriptor.hpp"
#include "transport/loop/epoll_loop.hpp"
#include "transport/stdio/stderr_ring.hpp"
#include "transport/stream/stream_resources.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Reads a child's stderr whatever else happens, so that the child never blocks on it (pain P12).
class StderrReader {
public:
    using OnLine = std::function<void(std::string_view)>;

    /// Takes the descriptor, which must be non-blocking.
    StderrReader(EpollLoop& loop, StreamResources& resources, int fd, std::size_t capacity, OnLine on_line);
    ~StderrReader();
    StderrReader(const StderrReader&) = delete;
    StderrReader& operator=(const StderrReader&) = delete;

    /// Takes what is there right now.
    void drain();
    [[nodiscard]] const StderrRing& ring() const noexcept { return ring_; }

private:
    void await_readable();
    /// False when the pipe ended.
    bool read_some();
    void split_lines(std::string_view bytes);

    StreamResources& resources_;
    Descriptor pipe_;
    StderrRing ring_;
    OnLine on_line_;
    std::string line_;
    std::shared_ptr<StderrReader*> self_;
};

}  // namespace haive::mcp
