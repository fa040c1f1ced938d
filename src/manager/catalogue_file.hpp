#pragma once

#include "haive/mcp/base/result.hpp"
#include "manager/catalogue_plan.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace haive::mcp {

/// What is kept of one server between runs.
struct CachedLists {
    std::string fingerprint;  ///< of its entry: another entry is another server
    std::shared_ptr<const ServerLists> lists;
};
using CachedCatalogue = std::map<std::string, CachedLists, std::less<>>;

/// Bytes of a file that is still read.
inline constexpr std::size_t largest_catalogue_file = 64U << 20U;

[[nodiscard]] std::string write_catalogue(const CachedCatalogue& catalogue);
/// What cannot be read is left out: a cache is not worth an error.
[[nodiscard]] CachedCatalogue read_catalogue(std::string_view text);

/// The file whole, or nothing; put in place of an older one in one step. Errors name the file and the reason.
[[nodiscard]] Result<void> save_file(const std::string& path, std::string_view text);
/// Empty when there is none, or when it is too large to be one of ours.
[[nodiscard]] std::string load_file(const std::string& path);

}  // namespace haive::mcp
