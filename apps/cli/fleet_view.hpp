#pragma once

#include "cli/terminal.hpp"
#include "haive/mcp/manager/upstream_info.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace haive::mcp::cli {

/// One row a server, those in trouble first: score as a bar, what limits it, the last latencies, what is wrong and
/// what comes next. Text in, text out: who draws it, and where, is somebody else's business.
///
/// On a narrow screen the reason of a server that is away stands in place of numbers that it does not have; a very
/// narrow one loses columns from the right, a low one the servers that are fine.
class FleetView {
public:
    /// `plain`: no block characters, for terminals without UTF-8.
    FleetView(const Terminal& terminal, bool plain) : terminal_(terminal), plain_(plain) {}

    /// Takes in how the servers are now. About once a second.
    void sample(const std::vector<UpstreamInfo>& servers);
    /// The lines of the table, its header included, at most `most`.
    [[nodiscard]] std::vector<std::string> lines(std::vector<UpstreamInfo> servers, std::size_t most);

    /// Points to the next server below (or above, `step` -1); at first to the worst.
    void select_next(int step, std::vector<UpstreamInfo> servers);
    /// The server that is pointed at; empty before the first key.
    [[nodiscard]] const std::string& selected() const noexcept { return selected_; }

    /// How bad it is: smaller is worse, and comes first.
    [[nodiscard]] static int trouble(const UpstreamInfo& info);
    /// The worst first; in their order among equals.
    [[nodiscard]] static std::vector<UpstreamInfo> by_trouble(std::vector<UpstreamInfo> servers);

private:
    struct Cell {
        std::string text;
        std::size_t width;
        Colour colour = Colour::none;
    };
    [[nodiscard]] std::string line(const std::vector<Cell>& cells, bool header, bool marked) const;
    [[nodiscard]] std::string row(const UpstreamInfo& info, std::size_t name_width) const;
    [[nodiscard]] std::string bar(double score) const;
    [[nodiscard]] std::string sparkline(const std::string& name) const;
    /// The worst first; one that was away a moment ago keeps its place among them, so that a server which comes and
    /// goes does not jump up and down.
    [[nodiscard]] std::vector<UpstreamInfo> ordered(std::vector<UpstreamInfo> servers) const;

    const Terminal& terminal_;
    const bool plain_;
    std::map<std::string, std::deque<double>> latencies_;  // seconds, the newest last
    std::string selected_;
};

}  // namespace haive::mcp::cli
