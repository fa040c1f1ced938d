#include "cli/help_text.hpp"

#include "cli/nearest.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace haive::mcp::cli {

namespace {

/// The command that was typed, or nullptr.
const CLI::App* typed_command(const CLI::App& app) {
    const auto commands = app.get_subcommands();
    return commands.empty() ? nullptr : commands.front();
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> out;
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) out.push_back("--" + name);
    }
    return out;
}

/// What CLI11 says, as the rest of this program would say it.
std::string plain(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    // `--config: 1 required FILE missing`
    if (const auto missing = text.find(": 1 required "); missing != std::string::npos) {
        const auto what = missing + std::string_view(": 1 required ").size();
        return text.substr(0, missing) + " wants a value: " + text.substr(what, text.find(' ', what) - what);
    }
    return text;
}

}  // namespace

std::string HelpText::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
    return app->get_parent() == nullptr ? help_of_all(*app) : help_of_command(*app);
}

std::string HelpText::help_of_command(const CLI::App& command) const {
    std::string about = command.get_description();
    about[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(about[0])));
    const std::string operands = command.get_footer();
    std::string out = about + ".\n\nUsage: haive-mcp " + command.get_name() + (operands.empty() ? "" : " " + operands) +
                      " [OPTION]...\n\nOptions:\n";
    for (const auto* option : command.get_options()) {
        if (!option->get_group().empty()) out += make_option(option, false);
    }
    out += "\nCommon options:\n";
    for (const auto* option : command.get_parent()->get_options()) {
        if (option->get_name() != "--help" && option->get_name() != "--version") out += make_option(option, false);
    }
    return out;
}

std::string HelpText::help_of_all(const CLI::App& app) const {
    std::string out = app.get_description() + "\n\nUsage: haive-mcp COMMAND [ARGUMENT]... "
                                              "[OPTION]... [-- SERVER-COMMAND...]\n\nCommands:\n";
    for (const auto* command : app.get_subcommands({})) {
        std::string name = "  " + command->get_name();
        name.resize(std::max<std::size_t>(name.size() + 1, 15), ' ');
        out += name + command->get_description() + "\n";
    }
    out += "\nOptions:\n";
    for (const auto* option : app.get_options()) out += make_option(option, false);
    return out + "\nhaive-mcp COMMAND --help shows a command's own options; man haive-mcp has it all.\n";
}

std::string HelpText::make_option_opts(const CLI::Option* option) const {
    return option->get_type_size() == 0 ? "" : " " + option->get_type_name();
}

std::string mistake_text(const CLI::App& app, const CLI::ParseError& mistake) {
    const CLI::App* command = typed_command(app);
    if (command == nullptr) {
        const auto words = app.remaining();
        if (words.empty()) return "which command? haive-mcp --help lists them";
        std::vector<std::string> known;
        for (const auto* one : app.get_subcommands({})) known.push_back(one->get_name());
        if (words.front().starts_with("-")) return "there is no option " + words.front() + "; see haive-mcp --help";
        const std::string meant = did_you_mean(words.front(), known);
        return "'" + words.front() + "' is no command; " + (meant.empty() ? "haive-mcp --help lists them" : meant);
    }
    const auto words = app.remaining(true);
    const std::string see = "see haive-mcp " + command->get_name() + " --help";
    if (!words.empty()) {
        auto known = option_names(app);
        std::ranges::copy(option_names(*command), std::back_inserter(known));
        const std::string meant = did_you_mean(words.front(), known);
        return "there is no option " + words.front() + " here; " + (meant.empty() ? see : meant);
    }
    return plain(mistake.what()) + "; " + see;
}

}  // namespace haive::mcp::cli
