#include "config/json_places.hpp"

#include <boost/json/parse.hpp>

#include <utility>

namespace haive::mcp {

namespace {

using Places = std::map<std::string, JsonPlaces::Place, std::less<>>;

/// Walks over a document that is known to be right, so it only has to count brackets and quotes.
class Walk {
public:
    Walk(std::string_view text, Places& places) : text_(text), places_(places) {}

    void value(const std::string& pointer, std::size_t key) {
        skip_space();
        const std::size_t begin = at_;
        const char first = here();
        if (first == '{') {
            object(pointer);
        } else if (first == '[') {
            array(pointer);
        } else if (first == '"') {
            skip_string();
        } else {
            at_ = std::min(text_.find_first_of(",]}/ \t\r\n", at_), text_.size());
        }
        places_.insert_or_assign(pointer, JsonPlaces::Place{std::min(key, begin), begin, at_});
    }

private:
    [[nodiscard]] char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    void skip_space() {
        for (;;) {
            at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
            if (text_.substr(at_).starts_with("//")) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (text_.substr(at_).starts_with("/*")) {
                const std::size_t end = text_.find("*/", at_ + 2);
                at_ = end == std::string_view::npos ? text_.size() : end + 2;
            } else {
                return;
            }
        }
    }
    void skip_string() {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            if (text_[at_] == '\\') ++at_;
        }
        at_ = std::min(at_ + 1, text_.size());
    }
    /// Whether another element follows; steps over commas and the closing bracket.
    bool more(char closing) {
        skip_space();
        if (here() == ',') {
            ++at_;
            skip_space();
        }
        if (here() != closing && here() != '\0') return true;
        at_ = std::min(at_ + 1, text_.size());
        return false;
    }
    void object(const std::string& pointer) {
        ++at_;
        while (more('}')) {
            const std::size_t key = at_;
            skip_string();
            boost::system::error_code error;
            const auto name = boost::json::parse(text_.substr(key, at_ - key), error);
            skip_space();
            ++at_;  // the colon
            value(pointer_to(pointer, error || !name.is_string() ? "" : std::string_view(name.get_string())), key);
        }
    }
    void array(const std::string& pointer) {
        ++at_;
        for (std::size_t index = 0; more(']'); ++index) {
            value(pointer + '/' + std::to_string(index), std::string_view::npos);
        }
    }

    std::string_view text_;
    Places& places_;
    std::size_t at_ = 0;
};

}  // namespace

std::string pointer_to(std::string_view parent, std::string_view key) {
    std::string out(parent);
    out += '/';
    for (const char c : key) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return out;
}

JsonPlaces::JsonPlaces(std::string_view text) { Walk(text, places_).value("", std::string_view::npos); }

const JsonPlaces::Place* JsonPlaces::find(std::string_view pointer) const noexcept {
    const auto found = places_.find(pointer);
    return found == places_.end() ? nullptr : &found->second;
}

}  // namespace haive::mcp
