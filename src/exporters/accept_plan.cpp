#include "exporters/accept_plan.hpp"

#include <cerrno>

namespace haive::mcp {

void AcceptPlan::failed(int error, TimePoint now) noexcept {
    // A newcomer that has left already, or a signal, says nothing about the next.
    const bool passing = error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ECONNABORTED;
    if (!passing) again_ = saturating_add(now, pause);
}

}  // namespace haive::mcp
