#include "haive/mcp/observe/session_table.hpp"

#include <memory>

namespace haive::mcp {

SessionTable::~SessionTable() {
    for (auto& slot : slots_) delete slot.load(std::memory_order_acquire);
}

SessionMetrics& SessionTable::of(std::string_view version) {
    for (std::size_t i = 0;; ++i) {
        const bool last = i == most;  // whoever comes so far shares it
        SessionMetrics* found = slots_[i].load(std::memory_order_acquire);
        if (found == nullptr) {
            auto fresh = std::make_unique<SessionMetrics>(last ? std::string_view() : version);
            if (slots_[i].compare_exchange_strong(found, fresh.get(), std::memory_order_acq_rel)) {
                return *fresh.release();
            }
        }
        if (last || found->version == version) return *found;
    }
}

}  // namespace haive::mcp
