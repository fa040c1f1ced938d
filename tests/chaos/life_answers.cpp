// What a simulated server makes of what it reads.
#include "chaos/life.hpp"

#include <charconv>

namespace haive::mcp::chaos {

using namespace std::chrono_literals;

namespace {

/// The value behind `key`, up to the next delimiter; our own frames are regular enough for that.
std::string_view value_of(std::string_view line, std::string_view key) {
    const std::size_t at = line.find(key);
    if (at == std::string_view::npos) return {};
    line.remove_prefix(at + key.size());
    if (line.starts_with('"')) {
        line.remove_prefix(1);
        return line.substr(0, line.find('"'));
    }
    return line.substr(0, line.find_first_of(",}"));
}

constexpr std::string_view capabilities = R"({"tools":{"listChanged":true},"prompts":{}})";
constexpr std::string_view server_info = R"({"name":"simulated","version":"1"})";
constexpr std::string_view tools =
    R"({"tools":[{"name":"append","inputSchema":{"type":"object"}},{"name":"look",)"
    R"("inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true,"idempotentHint":true}}]})";

}  // namespace

std::optional<Life::Asked> Life::understood(std::string_view line) {
    Asked asked;
    asked.method = value_of(line, "\"method\":");
    if (asked.method.empty()) return std::nullopt;  // an answer to our own ping
    if (asked.method == "notifications/cancelled") {
        cancelled_.emplace(value_of(line, "\"requestId\":"));
        return std::nullopt;
    }
    asked.id = value_of(line, "\"id\":");
    if (asked.id.empty()) return std::nullopt;
    asked.progress_token = value_of(line, "\"progressToken\":");
    const std::string_view token = value_of(line, "\"token\":");
    std::size_t number = 0;
    const auto read = std::from_chars(token.data(), token.data() + token.size(), number);
    if (!token.empty() && read.ec == std::errc()) asked.token = number;
    return asked;
}

void Life::on_line(std::string_view line) {
    auto asked = understood(line);
    if (!asked) return;
    wire_->note("server reads", number_, asked->method);
    const Behaviour& b = wire_->behaviour;
    const Duration wait = thinking_time();
    if (asked->method == "initialize" || (asked->method == "server/discover" && handler != nullptr)) {
        handshake(*asked);
    } else if (asked->method == "ping") {
        if (b.answers_pings) answer(*asked, "{}", wait);
    } else if (asked->method == "tools/list") {
        if (b.answers_calls) answer(*asked, std::string(tools), wait);
    } else if (asked->method == "tools/call") {
        on_call(std::move(*asked));
    } else if (asked->method == "subscriptions/listen" && wire_->kind.listens) {
        return;  // stays open for the life of the channel
    } else {
        refuse(*asked, -32601, "null", wait);
    }
}

/// `server/discover` is the modern era's ping too: what stops pings stops it once it was answered.
void Life::handshake(const Asked& asked) {
    const Behaviour& b = wire_->behaviour;
    const bool modern = asked.method == "server/discover";
    if (modern && greeted_ && !b.answers_pings) return;
    if (!greeted_ && !b.answers_handshake) return;
    const Duration wait = thinking_time();
    if (b.wrong_version && !greeted_) {
        refuse(asked, -32022, R"({"supported":["2031-01-01"],"requested":"x"})", wait);
        return;
    }
    if (modern && wire_->kind.modern) {
        answer(asked,
               R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":)" +
                   std::string(capabilities) + R"(,"_meta":{"io.modelcontextprotocol/serverInfo":)" +
                   std::string(server_info) + "}}",
               wait);
    } else if (!modern && wire_->kind.legacy) {
        answer(asked,
               R"({"protocolVersion":"2025-11-25","capabilities":)" + std::string(capabilities) + R"(,"serverInfo":)" +
                   std::string(server_info) + "}",
               wait);
    } else if (modern) {
        refuse(asked, -32601, "null", wait);
        return;
    } else {
        refuse(asked, -32022, R"({"supported":["2026-07-28"],"requested":"2025-11-25"})", wait);
        return;
    }
    if (greeted_) return;
    greeted_ = true;
    if (b.dies_after_handshake) later(wait + *b.dies_after_handshake, [this] { wire_->die(); });
}

void Life::execute(const Asked& asked) {
    if (!asked.token) return;
    wire_->note("executes", number_, std::to_string(*asked.token));
    wire_->ledger.append(*asked.token, Execution{number_, generation_});
}

void Life::on_call(Asked asked) {
    Behaviour& b = wire_->behaviour;
    const Death death = std::exchange(b.next_call, Death::none);
    if (death == Death::on_receipt) {
        wire_->die();
        return;
    }
    const std::string text = (asked.token ? std::to_string(*asked.token) : "-") + ' ' + std::to_string(number_);
    const std::string result = R"({"content":[{"type":"text","text":")" + text + R"("}]})";
    if (death != Death::none) {
        execute(asked);
        if (death == Death::inside_the_answer) {
            const std::string line = R"({"jsonrpc":"2.0","id":)" + asked.id + R"(,"result":)" + result + '}';
            say(line.substr(0, static_cast<std::size_t>(wire_->dice.between(1, static_cast<int>(line.size())))));
        }
        wire_->die();
        return;
    }
    const Duration wait = thinking_time();
    if (!asked.progress_token.empty() && wait > 200ms && wire_->dice.chance(0.3)) {
        for (int i = 1; i <= 3; ++i) {
            later(wait * i / 4, [this, token = asked.progress_token, i] {
                say_line(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" + token +
                         R"(,"progress":)" + std::to_string(i) + "}}");
            });
        }
    }
    // Half of the tools act at once, the others at the end, when they may have been cancelled.
    if (wire_->dice.chance(0.5)) {
        execute(asked);
    } else {
        later(wait, [this, asked] {
            if (!cancelled_.contains(asked.id)) execute(asked);
        });
    }
    if (!b.answers_calls) return;
    if (b.rpc_error > 0 && wire_->dice.chance(b.rpc_error)) {
        refuse(asked, -32000, "null", wait);
    } else {
        answer(asked, result, wait);
    }
}

void Life::answer(const Asked& asked, std::string result, Duration wait) {
    later(wait, [this, id = asked.id, result = std::move(result)] {
        if (cancelled_.contains(id)) return;
        Dice& dice = wire_->dice;
        const Behaviour& b = wire_->behaviour;
        const std::string line = R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + result + '}';
        if (b.stray > 0 && dice.chance(b.stray)) {
            const auto other = dice.pick<std::string_view>({"\"nobody\"", "987654", "-3", "null", "1.5", "0"});
            say_line(R"({"jsonrpc":"2.0","id":)" + std::string(other) + R"(,"result":{}})");
        }
        say_line(line);
        if (b.twice > 0 && dice.chance(b.twice)) say_line(line);
        if (dice.chance(0.02)) {
            const bool legacy = !wire_->kind.modern;
            say_line(legacy && dice.chance(0.5) ? R"({"jsonrpc":"2.0","id":"s1","method":"ping"})"
                                                : R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
        }
    });
}

void Life::refuse(const Asked& asked, int code, std::string_view data, Duration wait) {
    later(wait, [this, id = asked.id, code, data = std::string(data)] {
        if (cancelled_.contains(id)) return;
        say_line(R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":)" + std::to_string(code) +
                 R"(,"message":"refused","data":)" + data + "}}");
    });
}

}  // namespace haive::mcp::chaos
