#pragma once

#include "message.hpp"
#include "output.hpp"

#include <string_view>

namespace builtin {

/// What is said to the client, message by message, with the bad manners of the switches.
class Replies {
public:
    Replies(const Switches& switches, Output& out) : switches_(switches), out_(out) {}

    void answer(const json::value& id, json::object result, bool modern);
    void refuse(const json::value& id, const Refusal& refusal);
    void notify(std::string_view method, json::object params);
    void ask(const json::value& id, std::string_view method, json::object params);

    /// Nothing is said from now on.
    void fall_silent() noexcept { silent_ = true; }
    [[nodiscard]] bool silent() const noexcept { return silent_; }

private:
    [[nodiscard]] json::value id_of(const json::value& id) const;

    const Switches& switches_;
    Output& out_;
    bool silent_ = false;
};

/// What `--silent-unknown` refuses with: nothing is sent.
inline constexpr int no_answer = 0;

}  // namespace builtin
