#include "connection/retry_plan.hpp"

#include "haive/mcp/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> reads{"ping",
                                     "server/discover",
                                     "initialize",
                                     "tools/list",
                                     "resources/list",
                                     "resources/templates/list",
                                     "resources/read",
                                     "prompts/list",
                                     "prompts/get",
                                     "completion/complete",
                                     "logging/setLevel",
                                     "resources/subscribe",
                                     "resources/unsubscribe",
                                     "tasks/get",
                                     "tasks/list",
                                     "tasks/result",
                                     "tasks/cancel"};
const std::vector<std::string> others{"tools/call",
                                      "tasks/update",
                                      "subscriptions/listen",
                                      "sampling/createMessage",
                                      "elicitation/create",
                                      "roots/list",
                                      "vendor/anything",
                                      "tools/calls",
                                      "Tools/List",
                                      "tools",
                                      "",
                                      "notification",
                                      "ping "};

constexpr ErrorKind every_kind[] = {
    ErrorKind::not_connected,      ErrorKind::queue_full,         ErrorKind::acquire_timeout,
    ErrorKind::circuit_open,       ErrorKind::rate_limited,       ErrorKind::deadline_exceeded,
    ErrorKind::idle_timeout,       ErrorKind::cancelled,          ErrorKind::connection_lost,
    ErrorKind::session_lost,       ErrorKind::auth_required,      ErrorKind::server_unavailable,
    ErrorKind::protocol_violation, ErrorKind::response_too_large, ErrorKind::rpc_error,
    ErrorKind::shutdown,           ErrorKind::encode_error,       ErrorKind::invalid_command,
    ErrorKind::no_common_version,  ErrorKind::capability_missing, ErrorKind::method_not_in_era,
    ErrorKind::invalid_config};

constexpr TimePoint now{};

RetrySituation lost(RetryClass c, Disposition d) {
    RetrySituation s;
    s.retry_class = c;
    s.disposition = d;
    s.kind = ErrorKind::connection_lost;
    return s;
}

RetryDecision decide_once(const RetrySituation& s, const RetryHistory& h = {}, double u = 0.5) {
    return decide(s, h, RetryOptions{}, now, u);
}

// ---- classes and table 4.3 --------------------------------------------------------------------

TEST(RetryClass, by_method) {
    for (const auto& m : reads) EXPECT_EQ(retry_class(m, {}), RetryClass::protocol_read) << m;
    for (const auto& m : others) EXPECT_EQ(retry_class(m, {}), RetryClass::never_twice) << m;
    for (const char* m : {"notifications/cancelled", "notifications/anything"}) {
        EXPECT_EQ(retry_class(m, {}), RetryClass::notification);
    }
}

TEST(RetryClass, a_tool_call_can_be_known_as_harmless) {
    RetryTraits marked;
    marked.marked_idempotent = true;
    RetryTraits hinted;
    hinted.annotations_trusted_and_hint = true;
    EXPECT_EQ(retry_class("tools/call", marked), RetryClass::idempotent);
    EXPECT_EQ(retry_class("tools/call", hinted), RetryClass::idempotent);
    EXPECT_EQ(retry_class("tasks/update", marked), RetryClass::never_twice);
    EXPECT_EQ(retry_class("vendor/anything", hinted), RetryClass::never_twice);
}

TEST(RetryClass, input_rounds_are_never_repeated) {
    RetryTraits input;
    input.carries_input_responses = input.marked_idempotent = true;
    input.annotations_trusted_and_hint = true;
    for (const auto& m : reads) EXPECT_EQ(retry_class(m, input), RetryClass::never_twice) << m;
    EXPECT_EQ(retry_class("tools/call", input), RetryClass::never_twice);
}

TEST(RetryTable, every_cell_of_4_3) {
    using enum RetryClass;
    using enum Disposition;
    const struct {
        RetryClass c;
        bool unsent, maybe, done;
    } rows[] = {{protocol_read, true, true, false},
                {idempotent, true, true, false},
                {never_twice, true, false, false},
                {notification, false, false, false}};
    for (const auto& row : rows) {
        const std::pair<Disposition, bool> cells[] = {
            {not_sent, row.unsent}, {maybe_executed, row.maybe}, {executed, row.done}};
        for (const auto& [disposition, may] : cells) {
            EXPECT_EQ(allowed(row.c, disposition), may);
            EXPECT_EQ(decide_once(lost(row.c, disposition)).resend, may)
                << static_cast<int>(row.c) << " " << to_string(disposition);
        }
    }
}

TEST(RetryTable, class_N_is_never_resent_after_maybe_executed) {
    std::vector<std::string> methods = others;
    SplitMix r(11);
    for (int i = 0; i < 2000; ++i) {  // unknown names
        std::string m;
        for (std::uint64_t n = r.next() % 20; n > 0; --n) {
            m.push_back(static_cast<char>(' ' + r.next() % 95));
        }
        if (std::ranges::find(reads, m) == reads.end()) methods.push_back(m);
    }
    std::vector<std::pair<std::string, RetryTraits>> messages;
    for (const auto& m : methods) messages.emplace_back(m, RetryTraits{});
    RetryTraits input;
    input.carries_input_responses = input.marked_idempotent = true;
    for (const auto& m : reads) messages.emplace_back(m, input);
    for (const auto& [method, traits] : messages) {
        for (const ErrorKind kind : every_kind) {
            for (int variant = 0; variant < 8; ++variant) {
                RetrySituation s = lost(retry_class(method, traits), Disposition::maybe_executed);
                s.kind = kind;
                s.left_client = (variant & 1) != 0;  // whatever else is claimed
                if ((variant & 2) != 0) s.http_status = 401;
                if ((variant & 4) != 0) s.rpc_code = -32022;
                EXPECT_FALSE(decide_once(s).resend) << method << " " << to_string(kind);
            }
        }
    }
}

TEST(RetryTable, an_end_that_was_executed_is_never_repeated_without_a_remedy) {
    for (const ErrorKind kind : every_kind) {
        for (const auto c : {RetryClass::protocol_read, RetryClass::idempotent}) {
            RetrySituation s = lost(c, Disposition::executed);
            s.kind = kind;
            EXPECT_FALSE(decide_once(s).resend) << to_string(kind);
        }
    }
}

// ---- what is worth another attempt ------------------------------------------------------------

TEST(RetryPlan, Q10_answers_are_final) {
    RetrySituation s = lost(RetryClass::protocol_read, Disposition::not_sent);
    for (const int status : {400, 403, 404, 405, 406, 413, 415, 431}) {
        s.kind = ErrorKind::server_unavailable;
        s.http_status = status;
        EXPECT_EQ(decide_once(s).reason, GiveUp::final_answer) << status;
    }
    s.kind = ErrorKind::rpc_error;
    s.http_status.reset();
    s.rpc_code = -32601;
    s.disposition = Disposition::executed;
    EXPECT_EQ(decide_once(s).reason, GiveUp::final_answer);
}

TEST(RetryPlan, which_kinds_are_tried_again) {
    for (const ErrorKind kind : every_kind) {
        RetrySituation s = lost(RetryClass::protocol_read, Disposition::not_sent);
        s.kind = kind;
        using enum ErrorKind;
        const bool expected = kind == queue_full || kind == rate_limited || kind == idle_timeout ||
                              kind == connection_lost || kind == session_lost || kind == server_unavailable ||
                              kind == protocol_violation;
        EXPECT_EQ(decide_once(s).resend, expected) << to_string(kind);
    }
}

TEST(RetryPlan, Q10_remedies_are_open_to_every_class_once_and_free) {
    struct Case {
        Remedy remedy;
        ErrorKind kind;
        Disposition disposition;
        std::optional<int> status, code;
    };
    const Case cases[] = {
        {Remedy::refresh_token, ErrorKind::auth_required, Disposition::not_sent, 401, {}},
        {Remedy::renew_session, ErrorKind::session_lost, Disposition::not_sent, 404, {}},
        {Remedy::choose_other_version, ErrorKind::rpc_error, Disposition::executed, 400, -32022},
        {Remedy::refresh_tools, ErrorKind::rpc_error, Disposition::executed, 400, -32020},
    };
    for (const Case& c : cases) {
        for (const auto k : {RetryClass::protocol_read, RetryClass::never_twice}) {
            RetrySituation s = lost(k, c.disposition);
            s.kind = c.kind;
            s.http_status = c.status;
            s.rpc_code = c.code;
            s.budget_allows = false;
            const RetryDecision first = decide_once(s);
            EXPECT_TRUE(first.resend);
            EXPECT_EQ(first.remedy, c.remedy);
            EXPECT_EQ(first.cost, 0);
            EXPECT_EQ(first.delay, 0s);
            const RetryDecision second = decide_once(s, first.history);
            EXPECT_FALSE(second.resend) << "once";
            EXPECT_EQ(second.reason, GiveUp::final_answer);
        }
    }
}

TEST(RetryPlan, a_refusal_never_reopens_a_notification) {
    RetrySituation s = lost(RetryClass::notification, Disposition::not_sent);
    s.http_status = 401;
    EXPECT_FALSE(decide_once(s).resend);
}

// ---- delays and costs --------------------------------------------------------------------

TEST(RetryPlan, Q7_the_first_resend_of_what_never_left_is_free_and_immediate) {
    RetrySituation s = lost(RetryClass::never_twice, Disposition::not_sent);
    s.left_client = false;
    s.budget_allows = false;
    const RetryDecision first = decide_once(s);
    EXPECT_TRUE(first.resend);
    EXPECT_EQ(first.delay, 0s);
    EXPECT_EQ(first.cost, 0);
    EXPECT_EQ(decide_once(s, first.history).reason, GiveUp::budget_empty);
    s.budget_allows = true;
    const RetryDecision second = decide_once(s, first.history, 0.5);
    EXPECT_TRUE(second.resend);
    EXPECT_EQ(second.delay, 50ms) << "the first paid one";
    EXPECT_EQ(second.cost, 1);
}

TEST(RetryPlan, Q7_partly_written_is_not_free) {
    const RetryDecision d = decide_once(lost(RetryClass::never_twice, Disposition::not_sent));
    EXPECT_TRUE(d.resend);
    EXPECT_EQ(d.cost, 1);
    EXPECT_EQ(d.delay, 50ms);
}

TEST(RetryPlan, a_full_queue_is_not_asked_again_at_once) {
    RetrySituation s = lost(RetryClass::protocol_read, Disposition::not_sent);
    s.kind = ErrorKind::queue_full;
    s.left_client = false;
    EXPECT_GT(decide_once(s).delay, 0s);
    EXPECT_EQ(decide_once(s).cost, 1);
}

TEST(RetryPlan, Q7_full_jitter_doubles_up_to_its_cap) {
    RetryOptions many;
    many.max_attempts = 100;
    const auto s = lost(RetryClass::protocol_read, Disposition::maybe_executed);
    const double bounds[] = {.1, .2, .4, .8, 1.6, 3.2, 5, 5, 5};
    RetryHistory h;
    for (const double bound : bounds) {
        EXPECT_EQ(decide(s, h, many, now, 0.0).delay, 0s);
        EXPECT_NEAR(to_seconds(decide(s, h, many, now, 0.5).delay), bound / 2, 1e-9);
        EXPECT_LE(to_seconds(decide(s, h, many, now, 0.999999).delay), bound);
        h = decide(s, h, many, now, 0.5).history;
    }
}

TEST(RetryPlan, Q7_three_attempts) {
    const auto s = lost(RetryClass::protocol_read, Disposition::maybe_executed);
    const RetryDecision first = decide_once(s);
    const RetryDecision second = decide_once(s, first.history);
    const RetryDecision third = decide_once(s, second.history);
    EXPECT_TRUE(first.resend);
    EXPECT_TRUE(second.resend);
    EXPECT_FALSE(third.resend);
    EXPECT_EQ(third.reason, GiveUp::attempts_used);
    EXPECT_EQ(third.history.attempts, 3);
}

TEST(RetryPlan, Q8_after_a_timeout_a_retry_costs_two) {
    RetrySituation s = lost(RetryClass::protocol_read, Disposition::maybe_executed);
    s.kind = ErrorKind::idle_timeout;
    EXPECT_EQ(decide_once(s).cost, 2);
    s.disposition = Disposition::not_sent;
    s.left_client = false;
    EXPECT_EQ(decide_once(s).cost, 2) << "a call that timed out in the queue is not free either";
}

TEST(RetryPlan, Q8_an_empty_budget_ends_the_call_at_once) {
    RetrySituation s = lost(RetryClass::protocol_read, Disposition::maybe_executed);
    s.budget_allows = false;
    const RetryDecision d = decide_once(s);
    EXPECT_FALSE(d.resend);
    EXPECT_EQ(d.reason, GiveUp::budget_empty);
    EXPECT_EQ(d.cost, 0);
}

// ---- Retry-After and the deadline -------------------------------------------------------------

TEST(RetryPlan, Q7_waits_as_long_as_the_server_asked) {
    RetrySituation s = lost(RetryClass::never_twice, Disposition::not_sent);
    s.kind = ErrorKind::rate_limited;
    s.http_status = 429;
    s.retry_after = 10s;
    EXPECT_EQ(decide_once(s, {}, 0.0).delay, 10s) << "never earlier";
    EXPECT_NEAR(to_seconds(decide_once(s, {}, 0.5).delay), 10.5, 1e-6);
    s.left_client = false;
    EXPECT_GE(decide_once(s, {}, 0.0).delay, 10s) << "not at once, even if it never left";
    s.retry_after = 1h;
    EXPECT_EQ(decide_once(s, {}, 0.5).delay, 300s);
}

TEST(RetryPlan, invalid_retry_after_is_ignored) {
    RetrySituation s = lost(RetryClass::protocol_read, Disposition::not_sent);
    s.kind = ErrorKind::rate_limited;
    s.retry_after = -5s;
    EXPECT_EQ(decide_once(s).delay, 50ms);
    s.budget_allows = false;
    EXPECT_FALSE(decide_once(s).retry_after);
}

TEST(RetryPlan, Q7_a_retry_after_beyond_the_deadline_fails_and_is_told) {
    RetrySituation s = lost(RetryClass::never_twice, Disposition::not_sent);
    s.kind = ErrorKind::rate_limited;
    s.retry_after = 10s;
    s.deadline = now + 9s;
    const RetryDecision d = decide_once(s);
    EXPECT_EQ(d.reason, GiveUp::no_time);
    EXPECT_EQ(d.retry_after, Duration(10s));
    EXPECT_EQ(d.cost, 0);
}

TEST(RetryPlan, Q6_fails_now_what_cannot_end_in_time) {
    RetrySituation s = lost(RetryClass::protocol_read, Disposition::maybe_executed);
    s.round_trip = 30ms;
    s.deadline = now + 80ms;
    EXPECT_TRUE(decide_once(s).resend) << "50 ms + 30 ms just fits";
    s.deadline = now + 80ms - 1ns;
    EXPECT_EQ(decide_once(s).reason, GiveUp::no_time);
    RetrySituation unsent = lost(RetryClass::protocol_read, Disposition::not_sent);
    unsent.left_client = false;
    unsent.deadline = now - 1ns;
    EXPECT_EQ(decide_once(unsent).reason, GiveUp::no_time);
}

}  // namespace
}  // namespace haive::mcp
