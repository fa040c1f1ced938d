// The tools that show this process, end it, or leave something of it in the world.
#include "conversation.hpp"
#include "faults.hpp"
#include "tool_bodies.hpp"

#include <boost/json/serialize.hpp>

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace builtin {

void to_stderr(const CallPtr& call) {
    flood_stderr(integer_param(call->arguments, "bytes", 1 << 20, std::int64_t{1} << 30));
    finish(call, text_result("said it on stderr"));
}

void effect(const CallPtr& call) {
    const std::string key = text_param(call->arguments, "key");
    call->conversation->world().ledger.note(key);
    finish(call, text_result(key));
}

void crash(const CallPtr&) { std::abort(); }

void exit_now(const CallPtr& call) { _exit(static_cast<int>(integer_param(call->arguments, "code", 0, 255))); }

void env(const CallPtr& call) {
    if (call->arguments.contains("name")) {
        const char* value = std::getenv(text_param(call->arguments, "name").c_str());
        return finish(call, text_result(value != nullptr ? as_utf8(value) : "", value == nullptr));
    }
    json::object all;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        const std::string line = as_utf8(*at);
        const std::size_t equals = line.find('=');
        if (equals != std::string::npos) all[line.substr(0, equals)] = line.substr(equals + 1);
    }
    finish(call, text_result(json::serialize(all)));
}

void args(const CallPtr& call) {
    json::array argv;
    for (const auto& arg : call->conversation->world().argv) argv.push_back(json::string(as_utf8(arg)));
    std::error_code gone;
    const std::string cwd = as_utf8(std::filesystem::current_path(gone).string());
    const json::object all{{"argv", argv}, {"cwd", cwd}, {"pid", getpid()}, {"pgid", getpgrp()}};
    finish(call, text_result(json::serialize(all)));
}

}  // namespace builtin
