#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace haive::mcp {

template <class Signature>
class UniqueFunction;

/// A callable that is moved, not copied, and may own move-only things.
///
/// It is `std::move_only_function` for C++20 programs (that one needs C++23). Callables of up to four
/// pointers live inside the object; larger ones are allocated once. Calling an empty one is undefined.
template <class R, class... Args>
class UniqueFunction<R(Args...)> {
public:
    UniqueFunction() noexcept = default;
    UniqueFunction(std::nullptr_t) noexcept {}

    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction> &&
                 std::is_invocable_r_v<R, std::remove_cvref_t<F>&, Args...>)
    UniqueFunction(F&& f) {
        using Stored = std::remove_cvref_t<F>;
        if constexpr (fits<Stored>()) {
            ::new (static_cast<void*>(buffer_)) Stored(std::forward<F>(f));
            ops_ = &inline_ops<Stored>;
        } else {
            *reinterpret_cast<Stored**>(buffer_) = new Stored(std::forward<F>(f));
            ops_ = &heap_ops<Stored>;
        }
    }

    UniqueFunction(UniqueFunction&& other) noexcept { take(other); }
    UniqueFunction& operator=(UniqueFunction&& other) noexcept {
        if (this != &other) {
            reset();
            take(other);
        }
        return *this;
    }
    UniqueFunction(const UniqueFunction&) = delete;
    UniqueFunction& operator=(const UniqueFunction&) = delete;
    ~UniqueFunction() { reset(); }

    explicit operator bool() const noexcept { return ops_ != nullptr; }
    R operator()(Args... args) { return ops_->call(buffer_, std::forward<Args>(args)...); }

    void reset() noexcept {
        if (ops_ != nullptr) std::exchange(ops_, nullptr)->destroy(buffer_);
    }

private:
    struct Ops {
        R (*call)(void*, Args&&...);
        void (*move)(void* from, void* to) noexcept;
        void (*destroy)(void*) noexcept;
    };

    template <class F>
    static constexpr bool fits() {
        return sizeof(F) <= sizeof(buffer_) && alignof(F) <= alignof(void*) && std::is_nothrow_move_constructible_v<F>;
    }
    template <class F>
    static constexpr Ops inline_ops = {
        [](void* p, Args&&... a) -> R { return (*static_cast<F*>(p))(std::forward<Args>(a)...); },
        [](void* from, void* to) noexcept {
            ::new (to) F(std::move(*static_cast<F*>(from)));
            static_cast<F*>(from)->~F();
        },
        [](void* p) noexcept { static_cast<F*>(p)->~F(); }};
    template <class F>
    static constexpr Ops heap_ops = {
        [](void* p, Args&&... a) -> R { return (**static_cast<F**>(p))(std::forward<Args>(a)...); },
        [](void* from, void* to) noexcept { *static_cast<F**>(to) = *static_cast<F**>(from); },
        [](void* p) noexcept { delete *static_cast<F**>(p); }};

    void take(UniqueFunction& other) noexcept {
        if (other.ops_ == nullptr) return;
        other.ops_->move(other.buffer_, buffer_);
        ops_ = std::exchange(other.ops_, nullptr);
    }

    alignas(void*) std::byte buffer_[4 * sizeof(void*)];
    const Ops* ops_ = nullptr;
};

}  // namespace haive::mcp
