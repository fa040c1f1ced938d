#pragma once

#include "haive/mcp/base/loop.hpp"

#include <functional>
#include <memory>
#include <string>

namespace haive::mcp {

/// Tells that something in a folder changed (inotify), on the loop's thread; not what. A hint: it may come late, or
/// not at all on network file systems.
class FolderNotices {
public:
    virtual ~FolderNotices() = default;
};

/// Null where the system or the loop cannot tell: then one has to look. No call comes after it was destroyed.
[[nodiscard]] std::unique_ptr<FolderNotices> watch_folder(Loop& loop, const std::string& folder,
                                                          std::function<void()> on_change);

}  // namespace haive::mcp
