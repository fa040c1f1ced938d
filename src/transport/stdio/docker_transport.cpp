#include "haive/mcp/transport/docker.hpp"

#include "transport/stdio/environment_plan.hpp"
#include "transport/stdio/open_child.hpp"
#include "transport/stdio/secret_mask.hpp"

#include <cerrno>
#include <cstring>
#include <stdlib.h>
#include <unistd.h>

namespace haive::mcp {

namespace {

/// A name for a file that docker will make; docker refuses one that exists.
Result<std::string> fresh_cidfile() {
    const auto host = host_environment();
    const auto tmp = host.find("TMPDIR");
    std::string name = (tmp == host.end() || tmp->second.empty() ? "/tmp" : tmp->second) + "/haive-mcp-cid-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
        return Error(ErrorKind::server_unavailable,
                     "no temporary folder for the container's id: " + std::string(std::strerror(errno)));
    }
    return name + "/cid";
}

/// Stops the container whose id is in the file, and forgets the file.
constexpr const char* stop_script =
    "if [ -s \"$1\" ]; then \"$2\" stop -t \"$3\" \"$(cat \"$1\")\"; fi; rm -f \"$1\"; rmdir \"${1%/*}\"";

}  // namespace

std::vector<std::string> DockerTransport::run_args(const std::string& cidfile) const {
    std::vector<std::string> out{"run", "--rm", "-i", "--init", "--cidfile", cidfile};
    for (const auto& [name, value] : options_.stdio.env) {
        out.push_back("-e");
        out.push_back(name);
    }
    out.insert(out.end(), options_.run_args.begin(), options_.run_args.end());
    out.push_back(image_);
    out.insert(out.end(), args_.begin(), args_.end());
    return out;
}

Task<Result<std::unique_ptr<Channel>>> DockerTransport::open(Runtime& runtime, TimePoint deadline) const {
    auto cidfile = fresh_cidfile();
    if (cidfile.has_error()) co_return cidfile.error();
    std::vector<std::string> farewell{
        "/bin/sh", "-c", stop_script, "sh", *cidfile, options_.docker, std::to_string(options_.stop_timeout.count())};
    StdioOptions stdio = options_.stdio;
    for (const char* name :
         {"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"}) {
        stdio.inherit.emplace_back(name);
    }
    auto channel = co_await open_child(runtime, deadline, options_.docker, run_args(*cidfile), std::move(stdio),
                                       std::move(farewell));
    if (channel.has_error()) {
        const std::string folder = cidfile->substr(0, cidfile->rfind('/'));
        unlink(cidfile->c_str());
        rmdir(folder.c_str());
    }
    co_return channel;
}

std::string DockerTransport::describe() const {
    return SecretMask(options_.stdio.env).command_line(options_.docker, run_args("..."));
}

}  // namespace haive::mcp
