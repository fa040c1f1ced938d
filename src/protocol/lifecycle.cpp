#include "haive/mcp/protocol/lifecycle.hpp"

#include "protocol/field_reader.hpp"

namespace haive::mcp {

namespace {

constexpr std::string_view server_info_key = "io.modelcontextprotocol/serverInfo";

void read_capabilities(FieldReader& in, ServerCapabilities& out) {
    if (in.is_null()) return;
    auto capabilities = parse_server_capabilities(in.value());
    if (capabilities.has_error()) {
        in.wrong_type("an object");
    } else {
        out = std::move(*capabilities);
    }
}

/// A server that introduces itself badly is still a server.
void read_identity(std::string_view raw, Implementation& out) {
    if (auto identity = parse_implementation(raw)) out = std::move(*identity);
}

}  // namespace

Result<InitializeResult> parse_initialize_result(std::string_view raw_result) {
    InitializeResult out;
    bool has_version = false;
    FieldReader in("InitializeResult", raw_result);
    while (in.next()) {
        if (in.is("protocolVersion")) {
            has_version = in.text(out.protocol_version);
        } else if (in.is("capabilities")) {
            read_capabilities(in, out.capabilities);
        } else if (in.is("serverInfo")) {
            read_identity(in.value(), out.server_info);
        } else if (in.is("instructions")) {
            in.maybe(out.instructions);
        } else if (in.is("_meta")) {
            in.maybe_object(out.meta);
        }
    }
    in.require(has_version, "protocolVersion");
    if (in.failed()) return in.error();
    out.raw = RawJson(std::string(raw_result));
    return out;
}

Result<DiscoverResult> parse_discover_result(std::string_view raw_result) {
    DiscoverResult out;
    bool has_versions = false;
    FieldReader in("DiscoverResult", raw_result);
    while (in.next()) {
        if (in.result_member(out.meta) || in.cache_member(out.cache)) continue;
        if (in.is("supportedVersions")) {
            has_versions = in.texts(out.supported_versions);
        } else if (in.is("capabilities")) {
            read_capabilities(in, out.capabilities);
        } else if (in.is("serverInfo")) {
            read_identity(in.value(), out.server_info);
        } else if (in.is("instructions")) {
            in.maybe(out.instructions);
        }
    }
    in.require(has_versions, "supportedVersions");
    if (in.failed()) return in.error();
    if (!out.meta.empty()) {
        JsonObjectSlices members(out.meta.text());
        while (members.next()) {
            if (members.key() == server_info_key) read_identity(members.value(), out.server_info);
        }
    }
    out.raw = RawJson(std::string(raw_result));
    return out;
}

}  // namespace haive::mcp
