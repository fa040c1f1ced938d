// `call`, `read`, `prompt`: use what a server offers.
#include "cli/base64.hpp"
#include "cli/commands.hpp"
#include "cli/fleet.hpp"
#include "cli/server_choice.hpp"
#include "cli/tool_request.hpp"
#include "haive/mcp/config/server_url.hpp"
#include "haive/mcp/connection/connection.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace haive::mcp::cli {

namespace {

/// Takes the next operand, or nothing.
std::optional<std::string> take_operand(Invocation& run) {
    if (run.operands.empty()) return std::nullopt;
    std::string first = run.operands.front();
    run.operands.erase(run.operands.begin());
    return first;
}

/// A progress bar on stderr, if that is a terminal.
class ProgressBar {
public:
    explicit ProgressBar(const Context& context)
        : shown_(context.terminal.err_is_terminal() && !context.run.quiet), columns_(context.terminal.err_width()) {}
    ~ProgressBar() {
        if (drawn_) std::fputs("\r\x1b[K", stderr);
    }
    void draw(const Progress& p) {
        if (!shown_) return;
        drawn_ = true;
        constexpr int width = 30;
        std::string line;
        if (p.total && *p.total > 0) {
            const int done = static_cast<int>(std::clamp(p.progress / *p.total, 0.0, 1.0) * width);
            line = "[" + std::string(static_cast<std::size_t>(done), '#') +
                   std::string(static_cast<std::size_t>(width - done), '.') + "] ";
        }
        line += number_text(p.progress) + (p.total ? "/" + number_text(*p.total) : "") + " " + p.message;
        // One column less than there are: a full line would wrap, and could not be drawn over.
        std::fprintf(stderr, "\r\x1b[K%s", fitted(line, columns_ - 1).c_str());
        std::fflush(stderr);
    }

private:
    static std::string number_text(double number) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%.10g", number);
        return text.data();
    }

    bool shown_;
    std::size_t columns_;
    bool drawn_ = false;
};

/// A server's text, with a line end after it.
void print_text(const Context& context, std::string_view text) {
    const std::string shown = context.terminal.harmless(text);
    std::fwrite(shown.data(), 1, shown.size(), stdout);
    if (!shown.ends_with('\n')) std::fputc('\n', stdout);
}

void print_content(const Context& context, const std::vector<ContentBlock>& content) {
    for (const auto& block : content) {
        if (block.type == "text") {
            print_text(context, block.text);
        } else if (block.resource && block.resource->text) {
            print_text(context, *block.resource->text);
        } else if (block.resource_link) {
            print_text(context, block.resource_link->uri);
        } else {
            std::fprintf(stderr, "(%s content, %s, %zu bytes of base64: use --json)\n", block.type.c_str(),
                         block.mime_type.empty() ? "no type" : block.mime_type.c_str(), block.data.size());
        }
    }
}

/// The bytes as they are, unless a terminal would have to show them.
void print_bytes(const Context& context, const std::string& base64, const std::string& type) {
    const auto bytes = decode_base64(base64);
    if (!bytes) {
        std::fprintf(stderr, "haive-mcp: the server's base64 is broken; --json shows it\n");
    } else if (context.terminal.out_is_terminal()) {
        std::fprintf(stderr, "(%zu bytes of %s: send them to a file with > FILE)\n", bytes->size(),
                     type.empty() ? "no type" : type.c_str());
    } else {
        std::fwrite(bytes->data(), 1, bytes->size(), stdout);
    }
}

}  // namespace

namespace {

int print_result(const Context& context, const CallToolResult& result) {
    if (context.run.json) {
        std::puts(result.raw.text().c_str());
    } else {
        print_content(context, result.content);
        if (result.content.empty() && result.structured_content) std::puts(result.structured_content->text().c_str());
    }
    return result.is_error ? exit_tool_error : exit_ok;
}

/// Whether a server that is starting has yet to say what it offers.
bool somebody_lists(const MCPManager& manager) {
    const auto all = manager.upstreams();
    return std::ranges::any_of(all, [](const UpstreamInfo& each) {
        return each.start == StartPolicy::eager && each.freshness == Freshness::unknown &&
               each.connection.status != ConnectionStatus::error;
    });
}

/// The tool under its name in the catalogue of all servers, as soon as it is there; those at rest are asked last.
/// Others that start get a moment to say that they offer the same: then the name is nobody's, and both are named.
std::optional<Offered<Tool>> find_tool(Context& context, MCPManager& manager, const std::string& name) {
    const auto known = [&]() -> std::optional<Offered<Tool>> {
        const auto catalogue = manager.catalogue();
        const Offered<Tool>* tool = catalogue->find_tool(name);
        return tool == nullptr ? std::nullopt : std::optional(*tool);
    };
    const Seconds limit(context.run.timeout.value_or(30));
    const auto look = [&](auto over) {
        while (!over()) {
            if (!context.interrupt.sleep_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(2))) break;
        }
    };
    if (known()) return known();
    auto started = manager.start_all(limit);
    look([&] { return known() || started.is_done(); });
    const auto moment = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    look([&] { return !somebody_lists(manager) || std::chrono::steady_clock::now() >= moment; });
    if (known() || context.interrupt.requested()) return known();
    for (const auto& each : manager.upstreams()) {
        if (each.freshness == Freshness::unknown && each.start != StartPolicy::eager) {
            auto one = manager.start(each.name, limit);
            look([&] { return known() || one.is_done(); });
        }
    }
    return known();
}

/// `call TOOL ...`: the server is the one that offers it.
int call_by_tool(Context& context) {
    Invocation everyone = context.run;
    everyone.operands.clear();
    Fleet fleet(context, std::move(everyone), true);
    if (const int code = fleet.read(); code != exit_ok) return code;
    fleet.say_unusable();
    ToolRequest request;
    if (const int code = request.read(context); code != exit_ok) return code;
    const auto tool = find_tool(context, fleet.manager(), request.name());
    if (tool) {
        if (const int code = request.resolve(context, *tool->item); code != exit_ok) return code;
    }
    Result<CallToolResult> result = Error();
    {
        ProgressBar bar(context);
        CallOptions options;
        options.on_progress = [&bar](const Progress& p) { bar.draw(p); };
        result =
            context.interrupt.wait(fleet.manager().call_tool(request.name(), request.arguments(), std::move(options)));
    }
    if (result.has_error() && !tool && result.error().kind() == ErrorKind::capability_missing) {
        // As a mistyped name of one server's: the command line is wrong, not a server.
        Error unknown(ErrorKind::invalid_config, result.error().message());
        const auto& meant = result.error().details().mend;
        unknown.set_mend(meant.empty() ? "`haive-mcp tools` lists them" : meant);
        return fail(context, unknown);
    }
    if (result.has_error()) return fail(context, request.explained(result.error()));
    return print_result(context, *result);
}

/// Whether the first word means a server; if not, it is a tool, of whichever server has it.
bool names_server(const Invocation& run) {
    if (!run.server_command.empty() || run.operands.empty() || is_server_url(run.operands.front())) return true;
    const auto file = chosen_config_file(run);
    if (file.has_error()) return true;  // the usual way says what is missing
    Invocation quietly = run;
    quietly.quiet = true;
    const auto config = read_config(quietly);
    if (config.has_error() || config->find(run.operands.front()) != nullptr) return true;
    // `call SERVER TOOL`, with the server's name mistyped, has a word in the second place that is no argument.
    return run.operands.size() > 1 && run.operands[1].find('=') == std::string::npos;
}

}  // namespace

int call_command(Context& context) {
    if (!names_server(context.run)) return call_by_tool(context);
    auto server = choose_server(context.run);
    if (server.has_error()) return fail(context, server.error());
    ToolRequest request;
    if (const int code = request.read(context); code != exit_ok) return code;
    Connected connected(context, *server);
    if (const int code = connected.connect(); code != exit_ok) return code;
    if (const int code = request.resolve(context, connected); code != exit_ok) return code;
    connected.settle();
    Result<CallToolResult> result = Error();
    {
        ProgressBar bar(context);
        CallOptions options;
        options.on_progress = [&bar](const Progress& p) { bar.draw(p); };
        result = context.interrupt.wait(
            connected.client().call_tool(request.name(), request.arguments(), std::move(options)));
    }
    if (result.has_error()) return fail(context, request.explained(result.error()));
    return print_result(context, *result);
}

int read_command(Context& context) {
    auto server = choose_server(context.run);
    if (server.has_error()) return fail(context, server.error());
    const auto uri = take_operand(context.run);
    if (!uri) return misuse("what to read? haive-mcp read SERVER URI");
    if (const int code = refuse_operands(context); code != exit_ok) return code;
    Connected connected(context, *server);
    if (const int code = connected.connect(); code != exit_ok) return code;
    connected.settle();
    auto result = context.interrupt.wait(connected.client().read_resource(*uri));
    if (result.has_error()) return fail(context, result.error());
    if (context.run.json) {
        std::puts(result->raw.text().c_str());
        return exit_ok;
    }
    for (const auto& contents : result->contents) {
        if (contents.text) {
            print_text(context, *contents.text);
        } else if (contents.blob) {
            print_bytes(context, *contents.blob, contents.mime_type);
        }
    }
    return exit_ok;
}

int prompt_command(Context& context) {
    auto server = choose_server(context.run);
    if (server.has_error()) return fail(context, server.error());
    const auto name = take_operand(context.run);
    if (!name) return misuse("which prompt? haive-mcp prompt SERVER NAME [key=value]...");
    json::object arguments;
    for (const auto& word : context.run.operands) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos || equals == 0) return misuse("'" + word + "' is no argument: write key=value");
        arguments[word.substr(0, equals)] = word.substr(equals + 1);  // prompt arguments are strings
    }
    Connected connected(context, *server);
    if (const int code = connected.connect(); code != exit_ok) return code;
    auto result = context.interrupt.wait(connected.client().get_prompt(*name, std::move(arguments)));
    if (result.has_error()) return fail(context, result.error());
    if (context.run.json) {
        std::puts(result->raw.text().c_str());
        return exit_ok;
    }
    for (const auto& message : result->messages) {
        std::printf("%s: ", context.terminal.paint(Colour::bold, context.terminal.harmless(message.role)).c_str());
        print_content(context, {message.content});
    }
    return exit_ok;
}

}  // namespace haive::mcp::cli
