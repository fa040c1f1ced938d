#pragma once

#include "haive/mcp/protocol/resources.hpp"

#include <optional>
#include <string>
#include <vector>

namespace haive::mcp {

/// One piece of what a tool, a prompt or a model says (*Tools › Tool result*, `ContentBlock`).
///
/// Which members are set follows from `type`: "text" sets `text`; "image" and "audio" set `data` and
/// `mime_type`; "resource_link" sets `resource_link`; "resource" sets `resource`. A type that this
/// version does not know (and "tool_use", "tool_result" of sampling) is kept whole in `raw`.
struct ContentBlock {
    std::string type;
    std::string text;
    std::string data;  ///< base64, not decoded
    std::string mime_type;
    std::optional<Resource> resource_link;
    std::optional<ResourceContents> resource;
    RawJson annotations;  ///< audience, priority, lastModified; as sent
    RawJson meta;
    RawJson raw;  ///< the whole block; only for a type that is not known here

    [[nodiscard]] static ContentBlock of_text(std::string text);
    /// `type` is "image" or "audio"; `base64` is already encoded.
    [[nodiscard]] static ContentBlock of_media(std::string type, std::string base64, std::string mime_type);
};

/// Errors: protocol_violation naming the field: no `type`, or a known type without what it needs.
[[nodiscard]] Result<ContentBlock> parse_content_block(std::string_view raw);
/// The JSON object. Precondition: `resource_link` and `resource` blocks were parsed or filled whole.
[[nodiscard]] RawJson to_json(const ContentBlock& block);
/// The text blocks, joined by newlines.
[[nodiscard]] std::string text_of(const std::vector<ContentBlock>& content);

}  // namespace haive::mcp
