#pragma once

#include "haive/mcp/protocol/cache_hints.hpp"
#include "haive/mcp/protocol/implementation.hpp"
#include "haive/mcp/protocol/skipped_item.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace haive::mcp {

/// Something a server lets one read (*Resources*).
struct Resource {
    std::string uri;
    std::string name;
    std::string title;
    std::string description;
    std::string mime_type;
    std::optional<std::int64_t> size;  ///< bytes, before any encoding
    std::vector<Icon> icons;
    RawJson annotations;  ///< audience, priority, lastModified
    RawJson meta;
    RawJson raw;  ///< the whole object, byte for byte

    /// What to show a person: `title`, else `name`.
    [[nodiscard]] const std::string& display_name() const noexcept { return title.empty() ? name : title; }
};

/// Many resources under one URI template of RFC 6570 (*Resources › Resource templates*).
struct ResourceTemplate {
    std::string uri_template;
    std::string name;
    std::string title;
    std::string description;
    std::string mime_type;
    std::vector<Icon> icons;
    RawJson annotations;
    RawJson meta;
    RawJson raw;

    [[nodiscard]] const std::string& display_name() const noexcept { return title.empty() ? name : title; }
};

/// What was read: text, or bytes in base64.
struct ResourceContents {
    std::string uri;
    std::string mime_type;
    std::optional<std::string> text;
    std::optional<std::string> blob;  ///< base64, not decoded
    RawJson meta;
};

struct ListResourcesResult {
    ListResourcesResult() = default;
    std::vector<Resource> resources;
    std::vector<SkippedItem> skipped;
    std::optional<std::string> next_cursor;  ///< after a whole list: set only when it is incomplete
    CacheHints cache;
    RawJson meta;
};

struct ListResourceTemplatesResult {
    ListResourceTemplatesResult() = default;
    std::vector<ResourceTemplate> resource_templates;
    std::vector<SkippedItem> skipped;
    std::optional<std::string> next_cursor;  ///< after a whole list: set only when it is incomplete
    CacheHints cache;
    RawJson meta;
};

struct ReadResourceResult {
    ReadResourceResult() = default;
    std::vector<ResourceContents> contents;
    CacheHints cache;
    RawJson meta;
    RawJson raw;  ///< the whole result, byte for byte

    /// The text contents, joined by newlines.
    [[nodiscard]] std::string text() const;
};

// Each: protocol_violation naming the field when a required one is missing or of the wrong type.
[[nodiscard]] Result<Resource> parse_resource(std::string_view raw);
[[nodiscard]] Result<ResourceTemplate> parse_resource_template(std::string_view raw);
[[nodiscard]] Result<ResourceContents> parse_resource_contents(std::string_view raw);
[[nodiscard]] Result<ListResourcesResult> parse_list_resources_result(std::string_view raw_result);
[[nodiscard]] Result<ListResourceTemplatesResult> parse_list_resource_templates_result(std::string_view raw_result);
[[nodiscard]] Result<ReadResourceResult> parse_read_resource_result(std::string_view raw_result);

}  // namespace haive::mcp
