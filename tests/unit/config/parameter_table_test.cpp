// Every documented default can be set: the tables have every field of the options.
#include "config/parameter_table.hpp"

#include <gtest/gtest.h>

#include <utility>

using namespace haive::mcp;

namespace {

/// Stands for a value of any type where only its place counts.
struct Anything {
    template <class T>
    operator T() const {  // NOLINT(google-explicit-constructor)
        throw 0;          // never called
    }
};

template <class T, std::size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
    return requires { T{(static_cast<void>(I), Anything{})...}; };
}

/// How many fields an aggregate has.
template <class T, std::size_t N = 0>
constexpr std::size_t fields() {
    if constexpr (takes<T>(std::make_index_sequence<N + 1>())) {
        return fields<T, N + 1>();
    } else {
        return N;
    }
}

template <class Options>
std::string set(Options& options, std::string_view key, const boost::json::value& value) {
    ParameterProblem problem;
    switch (ParameterTable<Options>::set(options, key, value, problem)) {
        case ParameterOutcome::set: return "";
        case ParameterOutcome::wrong: return problem.what + "; " + problem.mend;
        case ParameterOutcome::unknown: break;
    }
    return "unknown";
}

}  // namespace

TEST(ParameterTable, no_field_of_the_options_is_missing) {
    // Fails when a field was added: give it a row in src/config/parameters.cpp, or, if a file cannot say it, count it
    // here.
    constexpr std::size_t runtime = 1, client = 1, of_client = 5;
    EXPECT_EQ(ParameterTable<ConnectionOptions>::names().size() - of_client,
              fields<ConnectionOptions>() - client - runtime);
    EXPECT_EQ(ParameterTable<UpstreamOptions>::names().size(), fields<UpstreamOptions>());
    EXPECT_EQ(ParameterTable<PoolOptions>::names().size(), fields<PoolOptions>());
    EXPECT_EQ(ParameterTable<ManagerOptions>::names().size(), fields<ManagerOptions>() - runtime);
}

TEST(ParameterTable, what_is_set_is_what_is_read) {
    StdioOptions stdio;
    EXPECT_EQ(set(stdio, "term_after", 0.25), "");
    EXPECT_EQ(stdio.term_after, std::chrono::milliseconds(250));
    EXPECT_EQ(set(stdio, "kill_after", 1), "");
    EXPECT_EQ(set(stdio, "max_outbox_bytes", 65536), "");
    EXPECT_EQ(stdio.max_outbox_bytes, 65536U);
    EXPECT_EQ(ParameterTable<StdioOptions>::values(stdio).at("term_after"), 0.25);
    HttpOptions http;
    EXPECT_EQ(set(http, "max_connections", 8), "");
    EXPECT_EQ(http.max_connections, 8U);
    EXPECT_EQ(set(http, "sse_fallback", false), "");
    EXPECT_FALSE(http.sse_fallback);
    EXPECT_EQ(set(http, "connect_timeout", 2.5), "");
    EXPECT_EQ(http.connect_timeout, Seconds(2.5));
    ManagerOptions manager;
    EXPECT_EQ(set(manager, "opens_per_second", 0.5), "");
    EXPECT_EQ(manager.opens_per_second, 0.5);
    EXPECT_EQ(set(manager, "catalogue_file", "/var/c.json"), "");
    EXPECT_EQ(manager.catalogue_file, "/var/c.json");
    ConnectionOptions connection;
    EXPECT_EQ(set(connection, "max_input_rounds", 0), "");
    EXPECT_EQ(connection.client.max_input_rounds, 0);
    EXPECT_EQ(set(connection, "probe_timeout", 1.5), "");
    EXPECT_EQ(connection.client.probe_timeout, Seconds(1.5));
    EXPECT_EQ(set(connection, "check_structured_output", false), "");
    EXPECT_FALSE(connection.client.check_structured_output);
    EXPECT_EQ(ParameterTable<ConnectionOptions>::values(connection).at("max_input_rounds"), 0);
}

TEST(ParameterTable, what_is_out_of_range_is_refused_and_changes_nothing) {
    HttpOptions http;
    EXPECT_EQ(set(http, "max_connections", 0), "must be within 1 and 1024; for example \"max_connections\": 64");
    EXPECT_EQ(set(http, "max_connections", 1.5), "must be a whole number; for example \"max_connections\": 64");
    EXPECT_EQ(set(http, "connect_timeout", 0), "must be above 0; for example \"connect_timeout\": 15");
    EXPECT_EQ(http.max_connections, 64U);
    StdioOptions stdio;
    EXPECT_EQ(set(stdio, "max_message_bytes", 1e18).substr(0, 20), "must be a whole numb");
    EXPECT_EQ(set(stdio, "kill_after", -1), "must be within 0 and 86400; for example \"kill_after\": 3");
    ManagerOptions manager;
    EXPECT_EQ(set(manager, "opens_per_second", 0), "must be above 0; for example \"opens_per_second\": 200");
    EXPECT_EQ(set(manager, "catalogue_file", 1), "must be a string; for example \"catalogue_file\": \"\"");
    EXPECT_EQ(set(manager, "reconnect_delay", 1), "unknown");
    ConnectionOptions connection;
    EXPECT_EQ(set(connection, "max_input_rounds", 101),
              "must be within 0 and 100; for example \"max_input_rounds\": 10");
}
