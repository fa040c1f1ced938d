// Servers in containers, with a script in the place of docker that notes what it is told.
#include "integration/support/program.hpp"
#include "integration/support/served.hpp"
#include "integration/support/temp_folder.hpp"

#include <gmock/gmock.h>

namespace haive::mcp::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// `run` starts a "container" that outlives the client, as docker's do, and serves over the client's pipes; `stop`
/// ends it. Each writes down its arguments.
class FakeDocker {
public:
    FakeDocker() {
        script = folder.file("docker", R"(#!/bin/sh
here=$(dirname "$0")
if [ "$1" = stop ]; then
  for id; do :; done
  kill -9 "$id"
  echo "$*" >> "$here/stops"
  exit 0
fi
printf '%s\n' "$@" > "$here/run.new"
mv "$here/run.new" "$here/run"
env > "$here/env"
cidfile=
while [ "$1" != my/image:1 ]; do
  [ "$1" = --cidfile ] && cidfile=$2
  shift
done
shift
[ -e "$cidfile" ] && { echo "Container ID file found" >&2; exit 125; }
env -i setsid sleep 300 < /dev/null > /dev/null 2>&1 &
printf %s "$!" > "$cidfile"
echo "container $!" >&2
exec ")" + std::string(HAIVE_TEST_SERVER) + R"(" "$@"
)",
                             true);
        options.docker = script;
        options.stdio.on_stderr_line = [lines = lines](std::string_view line) { lines->add(line); };
    }
    [[nodiscard]] MCPConnection connection(const Args& args = {"--quiet"}, ConnectionOptions how = quick()) const {
        MCPConnection out("boxed", DockerTransport("my/image:1", args, options), std::move(how));
        out.set_event_listener([log = log](const Event& event) { log->add(event); });
        return out;
    }
    [[nodiscard]] std::string cidfile() const {
        const auto run = folder.lines_of("run");
        return run.size() > 5 ? run[5] : "";
    }

    TempFolder folder;
    std::string script;
    DockerOptions options;
    std::shared_ptr<StderrLines> lines = std::make_shared<StderrLines>();
    std::shared_ptr<EventLog> log = std::make_shared<EventLog>();
};

TEST(Docker, IsRunWithTheDocumentedArguments) {
    FakeDocker docker;
    docker.options.run_args = {"-v", "/data:/data:ro", "--network", "none"};
    docker.options.stdio.env = {{"API_KEY", "secret-of-the-box"}, {"MODE", "fast"}};
    auto connection = docker.connection({"--quiet", "--tools", "3"});
    connection.connect().get();
    const auto run = docker.folder.lines_of("run");
    const std::string cidfile = docker.cidfile();
    EXPECT_EQ(run, (Args{"run", "--rm", "-i", "--init", "--cidfile", cidfile, "-e", "API_KEY", "-e", "MODE", "-v",
                         "/data:/data:ro", "--network", "none", "my/image:1", "--quiet", "--tools", "3"}));
    EXPECT_THAT(docker.folder.text_of("env"), HasSubstr("API_KEY=secret-of-the-box"))
        << "by name: docker reads it there";
    EXPECT_THAT(connection.explain().to_string(), Not(HasSubstr("secret-of-the-box")));
    EXPECT_EQ(connection.get_info().metadata.at("transport_type").as_string(), "DockerTransport");
    connection.disconnect().get();
}

TEST(Docker, TheContainerIsStoppedAfterTheClose) {
    FakeDocker docker;
    docker.options.stop_timeout = std::chrono::seconds(7);
    auto connection = docker.connection();
    connection.connect().get();
    const pid_t container = docker.lines->number_after("container");
    ASSERT_TRUE(is_alive(container));
    const std::string cidfile = docker.cidfile();
    ASSERT_TRUE(std::filesystem::exists(cidfile));
    connection.disconnect().get();
    EXPECT_TRUE(eventually([&] { return !docker.folder.lines_of("stops").empty(); }));
    EXPECT_EQ(docker.folder.lines_of("stops"), (Args{"stop -t 7 " + std::to_string(container)}));
    EXPECT_TRUE(eventually([&] { return is_gone(container); }));
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(std::filesystem::path(cidfile).parent_path()); }));
}

TEST(Docker, TheContainerIsStoppedWhenTheConnectionIsLost) {
    FakeDocker docker;
    auto connection = docker.connection();
    connection.connect().get();
    const pid_t container = docker.lines->number_after("container");
    const std::string first_cidfile = docker.cidfile();
    const auto pid = static_cast<pid_t>(connection.get_info().metadata.at("pid").to_number<std::int64_t>());
    ASSERT_EQ(kill(pid, SIGKILL), 0);
    ASSERT_TRUE(docker.log->wait_ready(2)) << docker.log->story();
    EXPECT_TRUE(eventually([&] { return docker.folder.lines_of("stops").size() == 1; }));
    EXPECT_EQ(docker.folder.lines_of("stops"), (Args{"stop -t 2 " + std::to_string(container)}));
    EXPECT_TRUE(eventually([&] { return is_gone(container); }));
    EXPECT_NE(docker.cidfile(), first_cidfile) << "docker refuses a file that exists";
    const pid_t second = docker.lines->number_after("container");
    EXPECT_TRUE(is_alive(second));
    connection.disconnect().get();
    EXPECT_TRUE(eventually([&] { return is_gone(second); }));
}

TEST(Docker, TheContainerIsStoppedWhenTheHostDies) {
    FakeDocker docker;
    Adoption adoption;
    Program host({HAIVE_TEST_HOST, "hold-docker", docker.script});
    const auto containers = host.numbers("stderr container", 1);
    ASSERT_TRUE(host.wait_for_line("ready")) << host.output();
    ASSERT_EQ(containers.size(), 1U);
    const pid_t guardian = parent_of(parent_of(containers[0]));
    EXPECT_EQ(facts_of(guardian).value_or(ProcessFacts()).name, "mcp-guardian");
    const std::string cidfile = docker.cidfile();
    host.kill(SIGKILL);
    EXPECT_TRUE(host.wait().has_value());
    EXPECT_TRUE(eventually([&] { return docker.folder.lines_of("stops").size() == 1; }));
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(std::filesystem::path(cidfile).parent_path()); }));
    EXPECT_TRUE(Adoption::end_of(containers[0]).has_value());
    EXPECT_EQ(Adoption::end_of(guardian), 0);
}

TEST(Docker, AClientThatIsNotThereIsABadCommandAndLeavesNoFolder) {
    TempFolder temporary;
    setenv("TMPDIR", temporary.path().c_str(), 1);
    DockerOptions options;
    options.docker = "no-such-docker";
    MCPConnection connection("boxed", DockerTransport("my/image:1", {}, options), quick());
    const auto failed = connection.connect().wait();
    unsetenv("TMPDIR");
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().kind(), ErrorKind::invalid_command);
    EXPECT_TRUE(std::filesystem::is_empty(temporary.path()));
}

TEST(Docker, TheMessageOfAnAbsentDaemonReachesThePerson) {
    FakeDocker docker;
    docker.options.docker = docker.folder.file(
        "broken", "#!/bin/sh\necho 'Cannot connect to the Docker daemon at unix:///x.sock.' >&2\nexit 125\n", true);
    ConnectionOptions how = quick();
    how.auto_reconnect = false;
    auto connection = docker.connection({}, how);
    const auto failed = connection.connect().wait();
    ASSERT_TRUE(failed.has_error());
    EXPECT_EQ(failed.error().details().exit_code, 125);
    EXPECT_THAT(failed.error().details().mend, StartsWith("start docker"));
}

}  // namespace
}  // namespace haive::mcp::testing
