#pragma once

#include "client/client_context.hpp"
#include "haive/mcp/protocol/caller.hpp"
#include "protocol/task_facts.hpp"

namespace haive::mcp {

/// A call that the server made a task of, followed to its end as if it were one call: polled as often as the server
/// likes, through losses of the connection, its questions put to the client's handlers, until its result, its
/// error, the deadline or a cancel. The last two cancel the task, too. A task that was created has been begun:
/// nothing here is ever said to be `not_sent`. Loop thread only; `inner` must outlive the call.
/// Source: 2025-11-25 *Tasks*; SEP-2663.
Task<Result<Reply>> follow_task(std::shared_ptr<ClientContext> context, Caller& inner, Request call, TaskFacts task,
                                Era era, TimePoint deadline);

/// The params of a call that is to become a task (2025-11-25).
[[nodiscard]] std::string params_as_task(const std::string& params);

}  // namespace haive::mcp
