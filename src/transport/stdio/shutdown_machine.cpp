#include "transport/stdio/shutdown_machine.hpp"

#include <algorithm>

namespace haive::mcp {

void ShutdownMachine::ask(CloseMode mode, TimePoint now) noexcept {
    if (stage_ == Stage::over) return;
    if (stage_ == Stage::running) {
        mode_ = mode;
        stage_ = Stage::to_close;
        return;
    }
    if (mode <= mode_) return;
    mode_ = mode;
    if (stage_ == Stage::to_close) return;
    if (mode == CloseMode::kill && stage_ < Stage::to_kill) stage_ = Stage::to_kill;
    if (mode == CloseMode::prompt) {
        if (stage_ == Stage::closed) stage_ = Stage::to_term;
        if (stage_ == Stage::termed) due_ = std::min(due_, saturating_add(now, times_.after_prompt));
    }
}

ShutdownMachine::Step ShutdownMachine::next(TimePoint now) noexcept {
    switch (stage_) {
        case Stage::running: return Step::wait;
        case Stage::to_close:
            stage_ = mode_ == CloseMode::kill     ? Stage::to_kill
                     : mode_ == CloseMode::prompt ? Stage::to_term
                                                  : Stage::closed;
            due_ = saturating_add(now, times_.after_eof);
            return Step::close_input;
        case Stage::closed:
            if (now < due_) return Step::wait;
            stage_ = Stage::to_term;
            [[fallthrough]];
        case Stage::to_term:
            stage_ = Stage::termed;
            due_ = saturating_add(now, mode_ == CloseMode::prompt ? times_.after_prompt : times_.after_term);
            return Step::send_term;
        case Stage::termed:
            if (now < due_) return Step::wait;
            stage_ = Stage::to_kill;
            [[fallthrough]];
        case Stage::to_kill:
            stage_ = Stage::killed;
            due_ = saturating_add(now, times_.after_kill);
            return Step::send_kill;
        case Stage::killed:
            if (now < due_) return Step::wait;
            stage_ = Stage::over;
            [[fallthrough]];
        case Stage::over: return Step::done;
    }
    return Step::done;
}

}  // namespace haive::mcp
