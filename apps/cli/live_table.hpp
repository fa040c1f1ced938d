#pragma once

#include "cli/terminal.hpp"
#include "haive/mcp/connection/connection.hpp"

#include <string>
#include <vector>

namespace haive::mcp::cli {

/// A table of connections that is drawn over itself. On a terminal only.
///
/// A narrow terminal loses columns from the right; a low one shows the servers in trouble first and says how
/// many more there are.
class LiveTable {
public:
    explicit LiveTable(const Terminal& terminal) : terminal_(terminal) {}

    void draw(const std::vector<const MCPConnection*>& connections, const std::string& footer);
    /// Takes the table off the screen, so that a line can be printed above it.
    void clear();

private:
    struct Cell {
        std::string text;
        std::size_t width;
        Colour colour = Colour::none;
    };
    [[nodiscard]] std::vector<Cell> row(const ConnectionInfo& info, std::size_t name_width) const;
    [[nodiscard]] std::string line(const std::vector<Cell>& cells, bool is_header) const;

    const Terminal& terminal_;
    std::size_t drawn_ = 0;
};

}  // namespace haive::mcp::cli
