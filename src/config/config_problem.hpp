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
};

/// What a reader of a configuration has to say: the first error, which ends the reading, and warnings.
struct ConfigNotes {
    std::optional<ConfigProblem> error;
    std::vector<ConfigProblem> warnings;

    void fail(ConfigProblem problem) {
        if (!error) error = std::move(problem);
    }
};

}  // namespace haive::mcp
