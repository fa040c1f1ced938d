#pragma once

#include "haive/mcp/jsonrpc/raw_json.hpp"
#include "haive/mcp/protocol/cache_hints.hpp"
#include "haive/mcp/protocol/implementation.hpp"
#include "haive/mcp/protocol/skipped_item.hpp"
#include "jsonrpc/json_slice_parser.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haive::mcp {

/// Reads the members of one JSON object of the specification into a struct.
///
/// Two manners: `text`, `object`, ... are strict and end the reading with an error that names the field;
/// the `maybe` overloads take what fits and pass over what does not, for optional members. Use:
/// `while (in.next()) { if (in.is("name")) ... }`, then `require`, then `failed`.
class FieldReader {
public:
    /// `type` is the specification's name, for errors: a literal.
    FieldReader(const char* type, std::string_view object) : type_(type), slices_(object) {}

    /// The next member; false at the end and after a failure.
    bool next() { return failure_.empty() && slices_.next(); }
    [[nodiscard]] bool is(std::string_view key) const noexcept { return slices_.key() == key; }
    [[nodiscard]] std::string_view value() const noexcept { return slices_.value(); }
    [[nodiscard]] bool is_null() const noexcept { return value() == "null"; }

    // True when read, so that the caller can tell a field that was there.
    bool text(std::string& out);
    bool object(RawJson& out);
    bool any(RawJson& out);
    bool integer(std::int64_t& out);
    bool texts(std::vector<std::string>& out);

    void maybe(std::string& out);
    void maybe(bool& out);
    void maybe(std::optional<bool>& out);
    void maybe(std::optional<double>& out);
    void maybe(std::optional<std::int64_t>& out);
    void maybe(std::vector<std::string>& out);
    void maybe(std::vector<Icon>& out);
    void maybe_object(RawJson& out);

    /// `_meta`, and `resultType`, which must be "complete". True when the member was one of them.
    bool result_member(RawJson& meta);
    /// `nextCursor`: a string, where null and absence mean the end.
    void cursor(std::optional<std::string>& out);
    /// `ttlMs` and `cacheScope`. True when the member was one of them.
    bool cache_member(CacheHints& out);

    /// All elements through `parse`; the first that fails ends the reading.
    template <class Item>
    bool items(std::vector<Item>& out, Result<Item> (*parse)(std::string_view)) {
        out.clear();
        JsonArraySlices elements(value());
        while (elements.next()) {
            Result<Item> item = parse(elements.value());
            if (item.has_error()) return fail_item(elements.index(), item.error().message());
            out.push_back(std::move(*item));
        }
        return elements.fault() ? wrong_type("an array") : true;
    }
    /// The same, each read in its place: for items that are large to move.
    template <class Item>
    bool items(std::vector<Item>& out, std::optional<Error> (*read)(std::string_view, Item&)) {
        out.clear();
        JsonArraySlices elements(value());
        while (elements.next()) {
            const std::optional<Error> error = read(elements.value(), out.emplace_back());
            if (error) return fail_item(elements.index(), error->message());
        }
        return elements.fault() ? wrong_type("an array") : true;
    }
    /// All elements through `parse`; those that fail go to `skipped`.
    template <class Item>
    bool items(std::vector<Item>& out, std::vector<SkippedItem>& skipped, Result<Item> (*parse)(std::string_view)) {
        out.clear();
        skipped.clear();
        JsonArraySlices elements(value());
        while (elements.next()) {
            Result<Item> item = parse(elements.value());
            if (item.has_error()) {
                skipped.push_back(describe_skipped(elements.index(), elements.value(), item.error()));
            } else {
                out.push_back(std::move(*item));
            }
        }
        return elements.fault() ? wrong_type("an array") : true;
    }

    /// `what` follows the type's name. Always false.
    bool fail(std::string what);
    /// "`key` is not WANTED". Always false.
    bool wrong_type(const char* wanted);
    void require(bool seen, const char* field);
    /// After the last `next`.
    [[nodiscard]] bool failed();
    /// Precondition: `failed()`.
    [[nodiscard]] Error error() const;

private:
    bool fail_item(std::size_t index, const std::string& reason);
    static SkippedItem describe_skipped(std::size_t index, std::string_view raw, const Error& error);

    const char* type_;
    JsonObjectSlices slices_;
    std::string failure_;
};

/// A JSON number's value; false when `text` is none or no double holds it.
[[nodiscard]] bool read_number(std::string_view text, double& out) noexcept;

/// Writes an object: members in order, no spaces.
class FieldWriter {
public:
    FieldWriter() : text_("{") {}
    /// `json` is a JSON value's text.
    void raw(std::string_view key, std::string_view json);
    void text(std::string_view key, std::string_view value);
    /// Left out when empty.
    void text_if(std::string_view key, std::string_view value) {
        if (!value.empty()) text(key, value);
    }
    void raw_if(std::string_view key, const RawJson& json) {
        if (!json.empty()) raw(key, json.text());
    }
    [[nodiscard]] RawJson take() {
        text_ += '}';
        return RawJson(std::move(text_));
    }

private:
    std::string text_;
};

}  // namespace haive::mcp
