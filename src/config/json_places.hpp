#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace haive::mcp {

/// `parent/key`, a JSON Pointer (RFC 6901).
[[nodiscard]] std::string pointer_to(std::string_view parent, std::string_view key);

/// Where in its text each value of a JSON document stands, comments and trailing commas allowed.
class JsonPlaces {
public:
    struct Place {
        std::size_t key;    ///< where the member's key begins; the value's begin for anything else
        std::size_t value;  ///< where the value begins
        std::size_t end;    ///< behind the value's last character
    };

    /// `text` must be a document that `parse_json_document` accepted, without a byte order mark.
    explicit JsonPlaces(std::string_view text);

    /// The place that a JSON Pointer names, or nullptr. The empty pointer is the whole document.
    [[nodiscard]] const Place* find(std::string_view pointer) const noexcept;

private:
    std::map<std::string, Place, std::less<>> places_;
};

}  // namespace haive::mcp
