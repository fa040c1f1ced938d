#pragma once

#include "haive/mcp/transport/stdio.hpp"

#include <string>
#include <vector>

namespace haive::mcp {

/// How the container of a server is run.
struct DockerOptions {
    DockerOptions() = default;

    /// The client program; `podman` understands the same words.
    std::string docker = "docker";
    /// Put before the image: `{"-v", "/data:/data:ro", "--network", "none"}`.
    std::vector<std::string> run_args;
    /// What `docker stop` allows the server before it kills the container.
    std::chrono::seconds stop_timeout{2};
    /// `env` goes into the container by name only: its values are not on any command line.
    /// `cwd`, limits and stderr are those of the docker client.
    StdioOptions stdio;
};

/// A server in a container, spoken to over the docker client's stdin and stdout:
/// `docker run --rm -i --init --cidfile FILE -e NAME... IMAGE ARGS...`.
///
/// The container outlives its client unless somebody stops it (it ignores a closed stdin, and TERM or KILL
/// of the client never reach it), so `docker stop` is run for it when the connection is closed or lost, and
/// by the guardian when this program dies.
class DockerTransport final : public MCPTransport {
public:
    explicit DockerTransport(std::string image, std::vector<std::string> args = {},
                             DockerOptions options = DockerOptions())
        : image_(std::move(image)), args_(std::move(args)), options_(std::move(options)) {}

    /// Errors: those of StdioTransport; invalid_command when the docker client is not there.
    Task<Result<std::unique_ptr<Channel>>> open(Runtime& runtime, TimePoint deadline) const override;
    [[nodiscard]] std::shared_ptr<MCPTransport> clone() const override {
        return std::make_shared<DockerTransport>(*this);
    }
    [[nodiscard]] std::string_view type() const noexcept override { return "DockerTransport"; }
    [[nodiscard]] std::string describe() const override;
    [[nodiscard]] ServerPlace place() const override { return {.transport = "pipe"}; }

private:
    [[nodiscard]] std::vector<std::string> run_args(const std::string& cidfile) const;

    std::string image_;
    std::vector<std::string> args_;
    DockerOptions options_;
};

}  // namespace haive::mcp
