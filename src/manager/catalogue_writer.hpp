#pragma once

#include "manager/catalogue_file.hpp"

#include <future>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace haive::mcp {

/// Writes the catalogue's file on a thread of its own, so that a slow disk holds up no server. One writing at a time;
/// it is waited for where this ends.
class CatalogueWriter {
public:
    /// Not while `busy`.
    void write(std::string path, std::string text) {
        const auto save = [path = std::move(path), text = std::move(text)] { return save_file(path, text); };
        try {
            writing_ = std::async(std::launch::async, save);
        } catch (const std::system_error&) {  // the host has no thread left: then it is written here
            std::promise<Result<void>> done;
            done.set_value(save());
            writing_ = done.get_future();
        }
    }
    [[nodiscard]] bool busy() const {
        return writing_.valid() && writing_.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
    }
    /// How the last writing went, once; waits for it.
    [[nodiscard]] std::optional<Error> failure() {
        if (!writing_.valid()) return std::nullopt;
        const Result<void> how = writing_.get();
        return how.has_error() ? std::optional(how.error()) : std::nullopt;
    }

private:
    std::future<Result<void>> writing_;
};

}  // namespace haive::mcp
