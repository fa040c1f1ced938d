#pragma once

#include "switches.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace builtin {

namespace json = boost::json;

/// A request that cannot be answered with a result.
struct Refusal {
    int code;
    std::string message;
};

/// One page of a list; `cursor` as the client sent it. Throws Refusal for a cursor that is none of ours.
[[nodiscard]] json::object page_of(const char* key, json::array all, const json::object& params, int page_size);

[[nodiscard]] json::array resource_list();
[[nodiscard]] json::array resource_template_list();
[[nodiscard]] json::object read_resource(const json::object& params);
[[nodiscard]] json::array prompt_list();
[[nodiscard]] json::object get_prompt(const json::object& params);
[[nodiscard]] json::object complete(const json::object& params);

/// The string member `key`, or Refusal -32602.
[[nodiscard]] std::string text_param(const json::object& params, std::string_view key);

}  // namespace builtin
