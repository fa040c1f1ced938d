#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace haive::mcp {

/// Undoes the compression of an answer's body, piece by piece. What comes out is bounded by whoever takes
/// it: each block is handed over before the next is made, so a bomb costs its reader's limit and no more.
class HttpInflate {
public:
    enum class Coding : std::uint8_t { gzip, deflate };
    static constexpr std::size_t block_size = std::size_t{16} << 10;

    class Sink {
    public:
        virtual ~Sink() = default;
        /// May scribble on it; `read_slack` readable bytes follow. False: stop, this may be gone.
        [[nodiscard]] virtual bool on_inflated(char* data, std::size_t size) = 0;
    };
    enum class Fed : std::uint8_t { more, stopped, broken };

    explicit HttpInflate(Coding coding);
    ~HttpInflate();
    HttpInflate(const HttpInflate&) = delete;
    HttpInflate& operator=(const HttpInflate&) = delete;

    /// Gives out what `data` unfolds to. `broken`: it is not what its coding says.
    [[nodiscard]] Fed feed(char* data, std::size_t size, Sink& sink);
    /// Whether the compressed stream has come to its own end.
    [[nodiscard]] bool complete() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace haive::mcp
