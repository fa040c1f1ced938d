#include "json_text.hpp"

#include <boost/json/parse.hpp>

namespace builtin {

json::object message_in(std::string_view text) {
    json::parse_options options;
    options.max_depth = 128;
    boost::system::error_code error;
    json::value parsed = json::parse(text, error, {}, options);
    if (error) throw Refusal{-32700, "this is not JSON: " + error.message()};
    if (!parsed.is_object()) throw Refusal{-32600, "a message must be an object"};
    return std::move(parsed.get_object());
}

}  // namespace builtin
