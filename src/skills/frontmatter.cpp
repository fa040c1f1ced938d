#include "skills/frontmatter.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <yaml.h>

#include <charconv>
#include <optional>
#include <vector>

namespace haive::mcp {

namespace json = boost::json;

namespace {

constexpr std::size_t longest = 64 * 1024;
constexpr int deepest = 32;

Error bad(std::string why) {
    return Error(ErrorKind::protocol_violation, "SKILL.md: " + std::move(why), Disposition::executed);
}

/// A plain scalar by YAML 1.2's core schema (10.3.2).
json::value plain_value(std::string_view text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    std::string_view digits = text;
    if (digits.starts_with('+')) digits.remove_prefix(1);
    std::int64_t whole = 0;
    const char* const end = digits.data() + digits.size();
    const bool signed_twice = text.starts_with("+-");
    if (auto r = std::from_chars(digits.data(), end, whole); r.ec == std::errc() && r.ptr == end && !signed_twice) {
        return whole;
    }
    const bool number = digits.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
                        digits.find_first_of("0123456789") != std::string_view::npos && !signed_twice;
    double real = 0;
    if (number) {
        if (auto r = std::from_chars(digits.data(), end, real); r.ec == std::errc() && r.ptr == end) return real;
    }
    return json::value(json::string(text.data(), text.size()));
}

/// libyaml's events, made into a value. Recursion is bounded by `deepest`.
class Reader {
public:
    explicit Reader(std::string_view yaml) {
        yaml_parser_initialize(&parser_);
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(yaml.data()), yaml.size());
    }
    ~Reader() {
        yaml_event_delete(&event_);
        yaml_parser_delete(&parser_);
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    Result<json::object> document() {
        json::value value = json::object();
        step();
        step();
        if (ok() && event_.type == YAML_DOCUMENT_START_EVENT) {
            step();
            value = node(0);
            step();
            step();
        }
        if (ok() && event_.type != YAML_STREAM_END_EVENT) fail("more than one YAML document");
        if (ok() && !value.is_object()) fail("the frontmatter is no mapping of keys to values");
        if (!ok()) return bad(*problem_);
        return std::move(value.as_object());
    }

private:
    [[nodiscard]] bool ok() const noexcept { return !problem_.has_value(); }
    void fail(std::string why) {
        if (!problem_) problem_ = std::move(why) + " (line " + std::to_string(event_.start_mark.line + 2) + ")";
    }
    void step() {
        if (!ok()) return;
        yaml_event_delete(&event_);
        event_ = yaml_event_t();
        if (yaml_parser_parse(&parser_, &event_) == 0) {
            problem_ = std::string(parser_.problem != nullptr ? parser_.problem : "not readable as YAML") + " (line " +
                       std::to_string(parser_.problem_mark.line + 2) + ")";
        }
    }

    json::value node(int depth) {
        if (!ok()) return nullptr;
        if (depth > deepest) return fail("nested too deep"), nullptr;
        switch (event_.type) {
            case YAML_SCALAR_EVENT: return scalar();
            case YAML_SEQUENCE_START_EVENT: return sequence(depth);
            case YAML_MAPPING_START_EVENT: return mapping(depth);
            default: return fail("anchors and aliases are not taken"), nullptr;
        }
    }
    json::value scalar() {
        const auto& s = event_.data.scalar;
        if (s.anchor != nullptr || s.tag != nullptr) return fail("anchors and tags are not taken"), nullptr;
        const std::string_view text(reinterpret_cast<const char*>(s.value), s.length);
        if (s.style == YAML_PLAIN_SCALAR_STYLE) return plain_value(text);
        return json::value(json::string(text.data(), text.size()));
    }
    json::value sequence(int depth) {
        if (event_.data.sequence_start.anchor != nullptr || event_.data.sequence_start.tag != nullptr)
            fail("anchors and tags are not taken");
        json::array out;
        for (step(); ok() && event_.type != YAML_SEQUENCE_END_EVENT; step()) out.push_back(node(depth + 1));
        return out;
    }
    json::value mapping(int depth) {
        if (event_.data.mapping_start.anchor != nullptr || event_.data.mapping_start.tag != nullptr)
            fail("anchors and tags are not taken");
        json::object out;
        for (step(); ok() && event_.type != YAML_MAPPING_END_EVENT; step()) {
            if (event_.type != YAML_SCALAR_EVENT) return fail("a key is no text"), nullptr;
            const auto& s = event_.data.scalar;
            const std::string key(reinterpret_cast<const char*>(s.value), s.length);
            if (s.anchor != nullptr || s.tag != nullptr) fail("anchors and tags are not taken");
            if (key == "<<" || out.contains(key)) fail("the key `" + key.substr(0, 64) + "` is merged or comes twice");
            step();
            out.emplace(key, node(depth + 1));
        }
        return out;
    }

    yaml_parser_t parser_{};
    yaml_event_t event_{};
    std::optional<std::string> problem_;
};

bool equal(const json::value& a, const json::value& b) {
    if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
    if (a.kind() != b.kind()) return false;
    if (a.is_array()) {
        const json::array& x = a.as_array();
        const json::array& y = b.as_array();
        if (x.size() != y.size()) return false;
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (!equal(x[i], y[i])) return false;
        }
        return true;
    }
    if (a.is_object()) return frontmatter_difference(a.as_object(), b.as_object()).empty();
    return a == b;
}

std::string shown(const json::value& value) { return json::serialize(value).substr(0, 100); }

}  // namespace

Result<SkillText> parse_skill_text(std::string_view markdown) {
    if (markdown.starts_with("\xEF\xBB\xBF")) markdown.remove_prefix(3);
    const auto take_line = [&markdown] {
        const std::size_t end = markdown.find('\n');
        std::string_view line = markdown.substr(0, end);
        markdown.remove_prefix(end == std::string_view::npos ? markdown.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    };
    if (take_line() != "---") return bad("it does not begin with a `---` line");
    std::string yaml;
    for (;;) {
        if (markdown.empty()) return bad("the frontmatter has no closing `---` line");
        const std::string_view line = take_line();
        if (line.starts_with("---") && line.find_first_not_of(" \t", 3) == std::string_view::npos) break;
        yaml += line;
        yaml += '\n';
        if (yaml.size() > longest) return bad("the frontmatter is longer than 64 KiB");
    }
    auto frontmatter = Reader(yaml).document();
    if (frontmatter.has_error()) return frontmatter.error();
    SkillText out;
    out.frontmatter = std::move(*frontmatter);
    out.body = markdown;
    return out;
}

std::string frontmatter_difference(const json::object& expected, const json::object& found) {
    for (const auto& member : expected) {
        const json::value* other = found.if_contains(member.key());
        if (other == nullptr) return "`" + std::string(member.key()) + "` is missing";
        if (!equal(member.value(), *other)) {
            return "`" + std::string(member.key()) + "` is " + shown(*other) + ", the entry says " +
                   shown(member.value());
        }
    }
    for (const auto& member : found) {
        if (!expected.contains(member.key())) return "`" + std::string(member.key()) + "` is not in the entry";
    }
    return {};
}

}  // namespace haive::mcp
