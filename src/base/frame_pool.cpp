#include "haive/mcp/base/frame_pool.hpp"

#include <array>
#include <new>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAIVE_PLAIN_FRAMES
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HAIVE_PLAIN_FRAMES
#endif

namespace haive::mcp::detail {

#ifdef HAIVE_PLAIN_FRAMES

void* take_frame(std::size_t size) { return ::operator new(size); }
void give_frame(void* frame, std::size_t size) noexcept { ::operator delete(frame, size); }

#else

namespace {

constexpr std::size_t step = 128;
constexpr std::size_t classes = 16;  // up to 2 KiB
constexpr int kept_per_class = 32;   // 32 calls in flight without a malloc; at most 1 MiB a thread

struct FreeFrame {
    FreeFrame* next;
};

class Pool {
public:
    Pool() = default;
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;
    ~Pool() {
        for (auto& shelf : shelves_) {
            while (shelf.first != nullptr) ::operator delete(pop(shelf));
        }
        open_ = false;
    }
    void* take(std::size_t size_class) {
        Shelf& shelf = shelves_[size_class];
        return shelf.first != nullptr ? pop(shelf) : ::operator new((size_class + 1) * step);
    }
    void give(void* frame, std::size_t size_class) noexcept {
        Shelf& shelf = shelves_[size_class];
        if (!open_ || shelf.count == kept_per_class) {
            ::operator delete(frame);
            return;
        }
        shelf.first = ::new (frame) FreeFrame{shelf.first};
        ++shelf.count;
    }

private:
    struct Shelf {
        FreeFrame* first = nullptr;
        int count = 0;
    };
    static void* pop(Shelf& shelf) noexcept {
        FreeFrame* frame = shelf.first;
        shelf.first = frame->next;
        --shelf.count;
        return frame;
    }

    std::array<Shelf, classes> shelves_{};
    bool open_ = true;  // false while the thread ends: frames may still come back
};

thread_local Pool pool;

}  // namespace

void* take_frame(std::size_t size) {
    const std::size_t size_class = (size - 1) / step;
    return size_class < classes ? pool.take(size_class) : ::operator new(size);
}

void give_frame(void* frame, std::size_t size) noexcept {
    const std::size_t size_class = (size - 1) / step;
    if (size_class < classes) {
        pool.give(frame, size_class);
    } else {
        ::operator delete(frame);
    }
}

#endif

}  // namespace haive::mcp::detail
