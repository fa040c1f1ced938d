#include "config/file_watch_plan.hpp"

#include <algorithm>

namespace haive::mcp {

FileWatchPlan::Step FileWatchPlan::looked(const FileIdentity& file, TimePoint now) {
    if (file == known_) {
        fresh_.reset();
        return {false, saturating_add(now, poll_)};
    }
    if (!fresh_) changed_at_ = now;
    if (fresh_ != file) {
        fresh_ = file;
        fresh_since_ = now;
    }
    const TimePoint due =
        std::min(saturating_add(fresh_since_, settle_), saturating_add(changed_at_, settle_ * patience));
    if (now < due) return {false, due};
    known_ = file;
    fresh_.reset();
    return {true, saturating_add(now, poll_)};
}

}  // namespace haive::mcp
