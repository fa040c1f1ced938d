#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haive::mcp {

/// Something that is wrong in a configuration, and where it stands.
struct ConfigProblem {
    std::string pointer;  ///< JSON Pointer to the value
    bool at_key = false;  ///< its key is meant, not its value
    std::string message;
    std::string mend;
    /// Set when nothing is wrong with the text but with where it is read: a variable that is not set, a file that is
    /// not there. It says so without saying where.
    std::string missing = {};
};

/// What a reader of a configuration has to say: the first error, which ends the reading, and warnings.
struct ConfigNotes {
    std::optional<ConfigProblem> error;
    std::vector<ConfigProblem> warnings;
    /// Why a server was left out, where only something that it needs is missing and the others are to go on.
    std::optional<ConfigProblem> left_out;
    bool leave_out = false;  ///< whether they are

    void fail(ConfigProblem problem) {
        if (!error) error = std::move(problem);
    }
};

}  // namespace haive::mcp
