#pragma once

#include "schema/schema_evaluator.hpp"

#include <string>
#include <string_view>

namespace haive::mcp::schema {

class Evaluator::Step {
public:
    /// `keyword` goes to the schema's path, `part` (when not null) to the instance's.
    Step(Evaluator& evaluator, std::string_view keyword, const std::string* part = nullptr)
        : evaluator_(evaluator), part_(part != nullptr) {
        evaluator_.schema_path_.emplace_back(keyword);
        if (part_) evaluator_.instance_path_.push_back(*part);
    }
    ~Step() {
        evaluator_.schema_path_.pop_back();
        if (part_) evaluator_.instance_path_.pop_back();
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

private:
    Evaluator& evaluator_;
    bool part_;
};

/// What fails here decides nothing by itself: it is not told.
class Evaluator::Quiet {
public:
    explicit Quiet(Evaluator& evaluator) : evaluator_(evaluator) { ++evaluator_.quiet_; }
    ~Quiet() { --evaluator_.quiet_; }
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;

private:
    Evaluator& evaluator_;
};

}  // namespace haive::mcp::schema
