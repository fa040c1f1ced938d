#include "cli/config_command.hpp"

#include "cli/nearest.hpp"
#include "haive/mcp/config/config_schema.hpp"

#include <cstdio>
#include <map>

namespace haive::mcp::cli {

namespace {

int config_schema_command(Context& context) {
    if (const int code = refuse_operands(context); code != exit_ok) return code;
    std::fputs(config_schema_text().c_str(), stdout);
    return exit_ok;
}

}  // namespace

int config_command(Context& context) {
    static const std::map<std::string, int (*)(Context&)> verbs{
        {"check", config_check_command},
        {"import", config_import_command},
        {"schema", config_schema_command},
        {"show", config_show_command},
    };
    auto& operands = context.run.operands;
    if (operands.empty()) return misuse("config what? haive-mcp config check|show|schema|import");
    const auto verb = verbs.find(operands.front());
    if (verb == verbs.end()) {
        const std::string meant = did_you_mean(operands.front(), {"check", "import", "schema", "show"});
        return misuse("there is no config " + operands.front() + "; " +
                      (meant.empty() ? "check, show, schema and import are known" : meant));
    }
    if (verb->first != "import" && (context.run.list || !context.run.from.empty() || !context.run.to.empty())) {
        return misuse("--list, --from and --to go with config import");
    }
    operands.erase(operands.begin());
    return verb->second(context);
}

}  // namespace haive::mcp::cli
