#pragma once

#include "message.hpp"
#include "switches.hpp"
#include "tools.hpp"

#include <boost/json/array.hpp>

#include <optional>

namespace builtin {

/// One page of a list; `cursor` as the client sent it. Throws Refusal for a cursor that is none of ours.
[[nodiscard]] json::object page_of(const char* key, json::array all, const json::object& params, int page_size);

[[nodiscard]] json::array resource_list(const Switches& switches);
[[nodiscard]] json::array resource_template_list(const Switches& switches);
[[nodiscard]] json::object read_resource(const Switches& switches, const json::object& params, bool modern);
[[nodiscard]] json::array prompt_list(const Switches& switches, bool changed);
[[nodiscard]] json::object get_prompt(const Switches& switches, const json::object& params);
[[nodiscard]] json::object complete(const Switches& switches, const json::object& params);

/// The prompt that asks the user before it is there; it runs like a call.
[[nodiscard]] bool is_asking_prompt(const Switches& switches, const json::object& params);
void run_asking_prompt(const CallPtr& call);

// What the official server scenarios read and get (--conformance).
void add_conformance_resources(json::array& out);
void add_conformance_templates(json::array& out);
/// nullopt when it is none of those.
[[nodiscard]] std::optional<json::object> conformance_resource(const std::string& uri);
void add_conformance_prompts(json::array& out);
[[nodiscard]] std::optional<json::array> conformance_messages(const std::string& prompt, const json::object& arguments);

}  // namespace builtin
