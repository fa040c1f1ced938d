#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace haive::bench {

/// The built-in server as a child that listens (`{"--http", "0"}`); it ends with this object, or with this process.
class OwnServer {
public:
    OwnServer(const std::string& program, std::vector<std::string> args);
    ~OwnServer();
    OwnServer(const OwnServer&) = delete;
    OwnServer& operator=(const OwnServer&) = delete;

    [[nodiscard]] const std::string& url() const noexcept { return url_; }

private:
    int stdin_ = -1;
    pid_t pid_ = 0;
    std::string url_;
};

}  // namespace haive::bench
