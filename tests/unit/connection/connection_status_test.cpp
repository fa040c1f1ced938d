#include "connection/connection_machine.hpp"
#include "haive/mcp/connection/connection_status.hpp"
#include "haive/mcp/connection/phase.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace haive::mcp {
namespace {

constexpr int statuses = 5;
constexpr int phases = 13;

TEST(ConnectionStatus, texts_are_the_documented_ones) {
    using enum ConnectionStatus;
    const std::pair<ConnectionStatus, std::string_view> expected[] = {{disconnected, "disconnected"},
                                                                      {connecting, "connecting"},
                                                                      {connected, "connected"},
                                                                      {error, "error"},
                                                                      {reconnecting, "reconnecting"}};
    static_assert(std::size(expected) == statuses);
    for (const auto& [status, text] : expected) EXPECT_EQ(to_string(status), text);
}

TEST(ConnectionStatus, text_and_status_lead_to_each_other) {
    for (int i = 0; i < statuses; ++i) {
        const auto status = static_cast<ConnectionStatus>(i);
        EXPECT_EQ(connection_status_from_string(to_string(status)), status);
    }
}

TEST(ConnectionStatus, other_texts_are_no_status) {
    for (const std::string_view text :
         {"", "Connected", "connected ", " connected", "CONNECTED", "connect", "ready", "unknown", "connectedx"}) {
        EXPECT_FALSE(connection_status_from_string(text).has_value()) << "'" << text << "'";
    }
    EXPECT_FALSE(connection_status_from_string(std::string_view("connected\0", 10)).has_value());
}

TEST(ConnectionStatus, compares_equal_to_its_text_and_to_no_other) {
    for (int i = 0; i < statuses; ++i) {
        for (int j = 0; j < statuses; ++j) {
            const std::string text(to_string(static_cast<ConnectionStatus>(j)));
            EXPECT_EQ(static_cast<ConnectionStatus>(i) == text, i == j);
            EXPECT_EQ(text == static_cast<ConnectionStatus>(i), i == j);
        }
    }
    EXPECT_TRUE(ConnectionStatus::connected != "disconnected");
    EXPECT_TRUE(ConnectionStatus::connected == "connected");
}

TEST(ConnectionStatus, a_value_outside_the_enumeration_still_has_a_text) {
    EXPECT_EQ(to_string(static_cast<ConnectionStatus>(200)), "error");
    EXPECT_EQ(to_string(static_cast<Phase>(200)), "unknown");
    EXPECT_EQ(to_string(static_cast<EventType>(200)), "unknown");
}

TEST(Phase, texts_are_distinct_lower_case_words) {
    std::set<std::string_view> seen;
    for (int i = 0; i < phases; ++i) {
        const std::string_view text = to_string(static_cast<Phase>(i));
        EXPECT_TRUE(seen.insert(text).second) << text;
        EXPECT_NE(text, "unknown");
        EXPECT_FALSE(text.empty());
        EXPECT_TRUE(std::ranges::all_of(text, [](unsigned char c) { return std::islower(c) || c == '_'; })) << text;
    }
    EXPECT_EQ(to_string(static_cast<Phase>(phases)), "unknown") << "a phase was added: extend these tests";
}

TEST(EventType, texts_are_distinct) {
    std::set<std::string_view> seen;
    for (int i = 0; i < event_types; ++i) {
        const std::string_view text = to_string(static_cast<EventType>(i));
        EXPECT_TRUE(seen.insert(text).second) << text;
        EXPECT_NE(text, "unknown");
    }
    EXPECT_EQ(to_string(static_cast<EventType>(event_types)), "unknown") << "an event was added: count it";
}

TEST(ConnectionStatus, a_new_connection_is_idle_and_disconnected) {
    const ConnectionMachine machine{MachineOptions()};
    EXPECT_EQ(machine.phase(), Phase::idle);
    EXPECT_TRUE(machine.status() == "disconnected");
    EXPECT_FALSE(machine.desired_up());
    EXPECT_FALSE(machine.monitoring());
    EXPECT_EQ(machine.epoch(), 0U);
    EXPECT_EQ(machine.attempts_public(), 0);
    EXPECT_FALSE(machine.next_attempt_at().has_value());
}

}  // namespace
}  // namespace haive::mcp
