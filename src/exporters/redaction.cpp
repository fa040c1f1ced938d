#include "haive/mcp/exporters/redaction.hpp"

#include "base/key_shape.hpp"
#include "haive/mcp/observe/event_json.hpp"

#include <algorithm>
#include <array>

namespace haive::mcp {

namespace {

constexpr std::size_t longest_text = 512;
constexpr std::string_view stars = "***";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_name(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }
/// What ends a value.
bool is_end(char c) { return is_space(c) || std::string_view("\"'`,;&)]}<>").find(c) != std::string_view::npos; }

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool speaks_of_a_secret(std::string_view name) {
    static constexpr std::array<std::string_view, 13> words{
        "token",  "secret",     "passw",   "apikey",     "api_key",   "api-key", "authorization",
        "cookie", "credential", "private", "session-id", "signature", "pwd"};
    const std::string low = lowered(name);
    return std::ranges::any_of(words, [&](std::string_view word) { return low.find(word) != std::string::npos; });
}

bool is_variable(std::string_view name) {
    return name.size() > 1 && std::ranges::any_of(name, is_upper) &&
           std::ranges::all_of(name, [](char c) { return is_upper(c) || is_digit(c) || c == '_'; });
}

bool is_key_shaped(std::string_view word) {
    static constexpr std::array<std::string_view, 12> starts{"sk-",    "pk-", "ghp_", "gho_", "ghs_", "github_pat_",
                                                             "glpat-", "xox", "AKIA", "eyJ",  "AIza", "npm_"};
    return word.size() >= 16 &&
           std::ranges::any_of(starts, [&](std::string_view start) { return word.starts_with(start); });
}

class Scrubber {
public:
    explicit Scrubber(std::string_view text) : text_(text) {}

    std::string run() {
        while (at_ < text_.size()) {
            if (!is_name(text_[at_])) {
                out_ += text_[at_++];
            } else {
                word();
            }
        }
        return std::move(out_);
    }

private:
    void word() {
        const std::size_t end = end_of_name();
        const std::string_view name = text_.substr(at_, end - at_);
        if (text_.substr(end).starts_with("://")) {
            const std::size_t stop =
                end_of([](char c) { return is_space(c) || c == '"' || c == '\'' || c == '<' || c == '>'; });
            out_ += url_without_keys(text_.substr(at_, stop - at_));
            at_ = stop;
            return;
        }
        at_ = end;
        const std::string low = lowered(name);
        if (low == "bearer" || low == "basic") {
            out_ += name;
            if (at_ < text_.size() && text_[at_] == ' ') hide_value(false);
            return;
        }
        if (is_key_shaped(text_.substr(end - name.size(), end_of(is_end) - (end - name.size())))) {
            out_ += stars;
            at_ = end_of(is_end);
            return;
        }
        out_ += name;
        std::size_t sign = at_;
        if (sign < text_.size() && (text_[sign] == '"' || text_[sign] == '\'')) ++sign;  // "name": value
        while (sign < text_.size() && text_[sign] == ' ') ++sign;
        if (sign >= text_.size() || (text_[sign] != '=' && text_[sign] != ':')) return;
        if (speaks_of_a_secret(name)) {
            hide_value(true);
        } else if (text_[sign] == '=' && is_variable(name)) {
            hide_value(false);
        }
    }
    /// Copies the signs up to the value and hides it; `line`: with all that follows on the line.
    void hide_value(bool line) {
        while (at_ < text_.size() && std::string_view("\"'=: ").find(text_[at_]) != std::string_view::npos) {
            out_ += text_[at_++];
        }
        out_ += stars;
        at_ = line ? std::min(text_.find('\n', at_), text_.size()) : end_of(is_end);
    }
    [[nodiscard]] std::size_t end_of_name() const {
        std::size_t i = at_;
        while (i < text_.size() && is_name(text_[i])) ++i;
        return i;
    }
    template <class Stop>
    [[nodiscard]] std::size_t end_of(Stop stop) const {
        std::size_t i = at_;
        while (i < text_.size() && !stop(text_[i])) ++i;
        return i;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string out_;
};

}  // namespace

bool is_own_kind(std::string_view kind) noexcept {
    static constexpr std::array<std::string_view, 5> own{"lease_leak", "lease_returned", "storm", "catalogue_not_saved",
                                                         "flood"};
    return std::ranges::find(own, kind) != own.end();
}

std::string redacted(std::string_view text) {
    const bool cut = text.size() > longest_text;
    std::string out = Scrubber(text.substr(0, longest_text)).run();
    if (cut) out += "...";
    return out;
}

boost::json::object redacted_json(const Event& event) {
    boost::json::object out = to_json(event);
    if (const auto* status = std::get_if<StatusEvent>(&event.what)) {
        out["reason"] = redacted(status->reason);
    } else if (const auto* oddity = std::get_if<OddityEvent>(&event.what)) {
        if (is_own_kind(oddity->kind)) {
            out["text"] = redacted(oddity->text);
        } else {
            out.erase("text");
            out["text_bytes"] = oddity->text.size();
        }
    } else if (const auto* asked = std::get_if<ServerRequestEvent>(&event.what)) {
        out["method"] = redacted(asked->method);
    }
    return out;
}

}  // namespace haive::mcp
