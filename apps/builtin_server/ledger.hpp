#pragma once

#include <string>

namespace builtin {

/// The file of `--ledger`: one line an execution, the proof of what ran and how often.
class Ledger {
public:
    explicit Ledger(std::string path) : path_(std::move(path)) {}

    /// Appends `key pid nanoseconds` in one write, so that servers may share the file. Throws Refusal.
    void note(const std::string& key) const;

private:
    std::string path_;  // empty: there is none
};

}  // namespace builtin
