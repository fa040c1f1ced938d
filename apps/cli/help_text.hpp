#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace haive::mcp::cli {

/// How `--help` is laid out: what the command is for, its usage, its own options, then the common ones.
/// A command's operands (`SERVER TOOL [KEY=VALUE]...`) are given as its footer.
class HelpText : public CLI::Formatter {
public:
    HelpText() { column_width(26); }

    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
    std::string make_option_opts(const CLI::Option* option) const override;

private:
    std::string help_of_command(const CLI::App& command) const;
    std::string help_of_all(const CLI::App& app) const;
};

/// The message of a mistake, with the way out.
[[nodiscard]] std::string mistake_text(const CLI::App& app, const CLI::ParseError& mistake);

}  // namespace haive::mcp::cli
