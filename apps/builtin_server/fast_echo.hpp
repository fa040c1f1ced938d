#pragma once

#include <string>
#include <string_view>

namespace builtin {

/// The short way for a plain call of `echo`: the answer is spliced from the call's own bytes, without parsing.
class FastEcho {
public:
    /// Appends the answer's line to `out`. False when the line is anything that this cannot judge.
    [[nodiscard]] bool answer(std::string_view line, std::string& out) const;
    /// `line` was parsed and is an echo in order: what its params begin with (an envelope, or nothing) is
    /// in order too in the next line, where at most the progress token's number differs.
    void learn(std::string_view line, bool modern);

private:
    // Params' members before `"name":"echo"`; between the two stands the progress token, if there is one.
    std::string head_;
    std::string tail_;
    bool has_token_ = false;
    bool modern_ = false;
    bool learned_ = false;
};

}  // namespace builtin
