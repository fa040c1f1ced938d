#pragma once

#include "message.hpp"
#include "outlet.hpp"
#include "switches.hpp"

#include <string_view>

namespace builtin {

/// What is said to clients, message by message, with the bad manners of the switches.
class Replies {
public:
    explicit Replies(const Switches& switches) : switches_(switches) {}

    void answer(Outlet& to, const json::value& id, json::object result, bool modern);
    void refuse(Outlet& to, const json::value& id, const Refusal& refusal);
    void notify(Outlet& to, std::string_view method, json::object params);
    void ask(Outlet& to, const json::value& id, std::string_view method, json::object params);

    /// Nothing is said from now on.
    void fall_silent() noexcept { silent_ = true; }
    [[nodiscard]] bool silent() const noexcept { return silent_; }

private:
    [[nodiscard]] json::value id_of(const json::value& id) const;

    const Switches& switches_;
    bool silent_ = false;
};

/// What `--silent-unknown` refuses with: nothing is sent.
inline constexpr int no_answer = 0;

}  // namespace builtin
