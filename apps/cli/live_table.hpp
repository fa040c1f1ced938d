#pragma once

#include "cli/terminal.hpp"
#include "haive/mcp/connection/connection.hpp"

#include <functional>
#include <string>
#include <vector>

namespace haive::mcp::cli {

/// A table of connections that is drawn over itself. On a terminal only.
class LiveTable {
public:
    explicit LiveTable(const Terminal& terminal) : terminal_(terminal) {}

    void draw(const std::vector<const MCPConnection*>& connections, const std::string& footer);
    /// Takes the table off the screen, so that a line can be printed above it.
    void clear();

private:
    [[nodiscard]] std::string row(const ConnectionInfo& info, std::size_t name_width) const;

    const Terminal& terminal_;
    std::size_t drawn_ = 0;
};

}  // namespace haive::mcp::cli
