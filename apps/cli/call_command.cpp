// `call`, `read`, `prompt`: use what a server offers.
#include "cli/commands.hpp"
#include "cli/key_values.hpp"
#include "cli/server_choice.hpp"
#include "haive/mcp/connection/connection.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <iterator>

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
    explicit ProgressBar(const Context& context) : shown_(context.terminal.err_is_terminal() && !context.run.quiet) {}
    ~ProgressBar() {
        if (drawn_) std::fputs("\r\x1b[K", stderr);
    }
    void draw(const Progress& p) {
        if (!shown_) return;
        drawn_ = true;
        constexpr int width = 30;
        std::string bar;
        if (p.total && *p.total > 0) {
            const int done = static_cast<int>(std::clamp(p.progress / *p.total, 0.0, 1.0) * width);
            bar = "[" + std::string(static_cast<std::size_t>(done), '#') +
                  std::string(static_cast<std::size_t>(width - done), '.') + "] ";
        }
        std::fprintf(stderr, "\r\x1b[K%s%g%s %s", bar.c_str(), p.progress,
                     p.total ? ("/" + std::to_string(static_cast<long long>(std::llround(*p.total)))).c_str() : "",
                     fitted(p.message, 60).c_str());
        std::fflush(stderr);
    }

private:
    bool shown_;
    bool drawn_ = false;
};

void print_content(const std::vector<ContentBlock>& content) {
    for (const auto& block : content) {
        if (block.type == "text") {
            std::fwrite(block.text.data(), 1, block.text.size(), stdout);
            if (!block.text.ends_with('\n')) std::fputc('\n', stdout);
        } else if (block.resource && block.resource->text) {
            std::printf("%s\n", block.resource->text->c_str());
        } else if (block.resource_link) {
            std::printf("%s\n", block.resource_link->uri.c_str());
        } else {
            std::fprintf(stderr, "(%s content, %s, %zu bytes of base64: use --json)\n", block.type.c_str(),
                         block.mime_type.empty() ? "no type" : block.mime_type.c_str(), block.data.size());
        }
    }
}

std::string read_stdin() {
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

Error unknown_tool(const std::string& name, const std::vector<Tool>& tools) {
    Error error(ErrorKind::invalid_config, "the server has no tool '" + name + "'");
    const auto nearest = std::ranges::min_element(tools, {}, [&](const Tool& t) { return distance(t.name, name); });
    if (nearest != tools.end() && distance(nearest->name, name) <= std::max<std::size_t>(2, name.size() / 3)) {
        error.set_mend("did you mean '" + nearest->name + "'?");
    } else {
        error.set_mend("`haive-mcp tools` lists them");
    }
    return error;
}

}  // namespace

int call_command(Context& context) {
    auto server = choose_server(context.run);
    if (server.has_error()) return fail(context, server.error());
    const auto tool_name = take_operand(context.run);
    if (!tool_name) return misuse("which tool? haive-mcp call SERVER TOOL [key=value]...");
    std::string args_json = context.run.args_json;
    if (args_json == "-") args_json = read_stdin();
    // What can be refused is refused before a server is started.
    if (auto early = parse_key_values(context.run.operands, args_json, nullptr); early.has_error()) {
        return fail(context, early.error());
    }

    Connected connected(context, *server);
    if (const int code = connected.connect(); code != exit_ok) return code;
    // The list gives the types of key=value arguments; a server that cannot list can still be called.
    auto tools = context.interrupt.wait(connected.client().list_tools());
    const Tool* tool = nullptr;
    if (tools) {
        const auto found = std::ranges::find(*tools, *tool_name, &Tool::name);
        if (found == tools->end() && !tools->empty()) return fail(context, unknown_tool(*tool_name, *tools));
        if (found != tools->end()) tool = &*found;
    } else if (tools.error().kind() != ErrorKind::rpc_error && tools.error().kind() != ErrorKind::capability_missing) {
        return fail(context, tools.error());
    }
    auto arguments = parse_key_values(context.run.operands, args_json, tool);
    if (arguments.has_error()) {
        Error error = arguments.error();
        if (tool != nullptr) error.set_mend(*tool_name + " takes: " + describe_arguments(*tool));
        return fail(context, error);
    }
    connected.settle();
    Result<CallToolResult> result = Error();
    {
        ProgressBar bar(context);
        CallOptions options;
        options.on_progress = [&bar](const Progress& p) { bar.draw(p); };
        result = context.interrupt.wait(connected.client().call_tool(*tool_name, std::move(*arguments), std::move(options)));
    }
    if (result.has_error()) {
        Error error = result.error();
        if (tool != nullptr && error.details().rpc_code == -32602 && error.details().mend.empty()) {
            error.set_mend(*tool_name + " takes: " + describe_arguments(*tool));
        }
        return fail(context, error);
    }
    if (context.run.json) {
        std::puts(result->raw.text().c_str());
    } else {
        print_content(result->content);
        if (result->content.empty() && result->structured_content) std::puts(result->structured_content->text().c_str());
    }
    return result->is_error ? exit_tool_error : exit_ok;
}

int read_command(Context& context) {
    auto server = choose_server(context.run);
    if (server.has_error()) return fail(context, server.error());
    const auto uri = take_operand(context.run);
    if (!uri || !context.run.operands.empty()) return misuse("what to read? haive-mcp read SERVER URI");
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
            std::fwrite(contents.text->data(), 1, contents.text->size(), stdout);
            if (!contents.text->ends_with('\n')) std::fputc('\n', stdout);
        } else if (contents.blob) {
            std::fprintf(stderr, "(%s, %zu bytes of base64 follow)\n", contents.mime_type.c_str(), contents.blob->size());
            std::puts(contents.blob->c_str());
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
        std::printf("%s: ", context.terminal.paint(Colour::bold, message.role).c_str());
        print_content({message.content});
    }
    return exit_ok;
}

}  // namespace haive::mcp::cli
