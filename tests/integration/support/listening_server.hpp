#pragma once

#include "integration/support/program.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp::testing {

/// The built-in server as a child that listens: `ListeningServer server({"--http", "0"});`. It ends when this does.
class ListeningServer {
public:
    explicit ListeningServer(std::vector<std::string> args, std::size_t urls = 1) : program_(command(std::move(args))) {
        eventually([&] { return found().size() >= urls; }, 20s);
        urls_ = found();
        if (urls_.size() < urls) throw std::runtime_error("the built-in server does not listen");
    }

    /// As the server printed them: in the order http, sse, tcp, websocket, unix.
    [[nodiscard]] const std::string& url(std::size_t index = 0) const { return urls_.at(index); }
    [[nodiscard]] std::uint16_t port(std::size_t index = 0) const {
        const std::string& text = urls_.at(index);
        return static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1)));
    }
    [[nodiscard]] Program& program() { return program_; }

private:
    static std::vector<std::string> command(std::vector<std::string> args) {
        std::vector<std::string> out{HAIVE_TEST_SERVER, "--quiet", "--until-eof", "--max-life", "120"};
        std::ranges::move(args, std::back_inserter(out));
        return out;
    }
    std::vector<std::string> found() {
        constexpr std::string_view start = "listening on ";
        std::vector<std::string> out;
        const std::string text = program_.output();
        for (std::size_t at = 0; (at = text.find(start, at)) != std::string::npos;) {
            at += start.size();
            out.push_back(text.substr(at, text.find('\n', at) - at));
        }
        return out;
    }

    Program program_;
    std::vector<std::string> urls_;
};

}  // namespace haive::mcp::testing
