#include "transport/stdio/environment_plan.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace haive::mcp {

namespace {

// What the reference clients let through, and what programs need to find their temporary files,
// language, runtime folders, certificates and proxy. None of them holds a secret by custom.
constexpr std::array safe_names{
    std::string_view("HOME"),
    std::string_view("LOGNAME"),
    std::string_view("PATH"),
    std::string_view("SHELL"),
    std::string_view("TERM"),
    std::string_view("USER"),
    std::string_view("LANG"),
    std::string_view("LANGUAGE"),
    std::string_view("TZ"),
    std::string_view("TMPDIR"),
    std::string_view("XDG_RUNTIME_DIR"),
    std::string_view("XDG_CONFIG_HOME"),
    std::string_view("XDG_CACHE_HOME"),
    std::string_view("XDG_DATA_HOME"),
    std::string_view("SSL_CERT_FILE"),
    std::string_view("SSL_CERT_DIR"),
    std::string_view("NODE_EXTRA_CA_CERTS"),
    std::string_view("NO_PROXY"),
    std::string_view("no_proxy"),
};

bool is_safe(std::string_view name) {
    return name.starts_with("LC_") || std::ranges::find(safe_names, name) != safe_names.end();
}

/// An exported shell function, which has been an attack before (CVE-2014-6271).
bool is_shell_function(std::string_view value) { return value.starts_with("()"); }

}  // namespace

Environment plan_environment(const Environment& host, const StdioOptions& options) {
    Environment out;
    for (const auto& [name, value] : host) {
        const bool asked_for = std::ranges::find(options.inherit, name) != options.inherit.end();
        if ((options.inherit_all || asked_for || is_safe(name)) && !is_shell_function(value)) out[name] = value;
    }
    for (const auto& [name, value] : options.env) out[name] = value;
    return out;
}

std::vector<std::string> as_assignments(const Environment& environment) {
    std::vector<std::string> out;
    out.reserve(environment.size());
    for (const auto& [name, value] : environment) out.push_back(name + "=" + value);
    return out;
}

std::string environment_problem(const StdioOptions& options) {
    for (const auto& [name, value] : options.env) {
        if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos) {
            return "'" + name + "' cannot be the name of an environment variable";
        }
        if (value.find('\0') != std::string::npos)
            return "the value of the environment variable " + name + " has a NUL in it";
    }
    return {};
}

}  // namespace haive::mcp
