#pragma once

#include "message.hpp"

#include <boost/json/array.hpp>

namespace builtin {

/// One page of a list; `cursor` as the client sent it. Throws Refusal for a cursor that is none of ours.
[[nodiscard]] json::object page_of(const char* key, json::array all, const json::object& params, int page_size);

[[nodiscard]] json::array resource_list();
[[nodiscard]] json::array resource_template_list();
[[nodiscard]] json::object read_resource(const json::object& params, bool modern);
[[nodiscard]] json::array prompt_list();
[[nodiscard]] json::object get_prompt(const json::object& params);
[[nodiscard]] json::object complete(const json::object& params);

}  // namespace builtin
