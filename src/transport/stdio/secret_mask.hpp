#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// Hides configured secrets in text that people will see: the values of environment variables, wherever a
/// server or a command line repeats them, and what follows a secret's name in the arguments.
class SecretMask {
public:
    SecretMask() = default;
    explicit SecretMask(const std::map<std::string, std::string>& env);

    [[nodiscard]] std::string hide(std::string text) const;
    /// A command line as one would type it, quoted where needed, secrets hidden.
    [[nodiscard]] std::string command_line(std::string_view command, const std::vector<std::string>& args) const;

private:
    std::vector<std::string> secrets_;  // longest first
};

/// Whether a variable or an option by this name is likely to hold a secret.
[[nodiscard]] bool names_a_secret(std::string_view name);

}  // namespace haive::mcp
