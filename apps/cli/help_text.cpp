#include "cli/help_text.hpp"

#include "cli/nearest.hpp"

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
    if (text.starts_with("--")) {
        // `--era: Check stone not in {...} FAILED` and the like: keep the option's name and the essence.
        if (const auto cut = text.find(" FAILED"); cut != std::string::npos) text.erase(cut);
        if (const auto check = text.find("Check "); check != std::string::npos) text.erase(check, 6);
    }
    return text;
}

}  // namespace

std::string HelpText::make_description(const CLI::App* app) const {
    std::string text = app->get_description();
    if (app->get_parent() != nullptr && !text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
    return text + (app->get_parent() != nullptr ? ".\n" : "\n");
}

std::string HelpText::make_usage(const CLI::App* app, std::string) const {
    if (app->get_parent() == nullptr) return "\nUsage: haive-mcp COMMAND [ARGUMENT]... [OPTION]... [-- SERVER-COMMAND...]\n";
    const std::string operands = app->get_footer();
    return "\nUsage: haive-mcp " + app->get_name() + (operands.empty() ? "" : " " + operands) + " [OPTION]...\n";
}

std::string HelpText::make_footer(const CLI::App* app) const {
    const CLI::App* parent = app->get_parent();
    if (parent == nullptr) return "haive-mcp COMMAND --help shows a command's own options; man haive-mcp has it all.\n";
    std::string out = "Common options:\n";
    for (const auto* option : parent->get_options()) {
        if (option->get_name() != "--help" && option->get_name() != "--version") out += make_option(option, false);
    }
    return out;
}

std::string HelpText::make_option_opts(const CLI::Option* option) const {
    return option->get_type_size() == 0 ? "" : " " + option->get_type_name();
}

std::string HelpText::make_subcommands(const CLI::App* app, CLI::AppFormatMode) const {
    const auto commands = app->get_subcommands({});
    if (commands.empty()) return {};
    std::string out = "\nCommands:\n";
    for (const auto* command : commands) {
        std::string name = "  " + command->get_name();
        name.resize(std::max<std::size_t>(name.size() + 1, 15), ' ');
        out += name + command->get_description() + "\n";
    }
    return out;
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
