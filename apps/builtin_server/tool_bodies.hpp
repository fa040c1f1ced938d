#pragma once

#include "tools.hpp"

#include <string_view>

namespace builtin {

[[nodiscard]] json::object text_result(std::string_view text, bool is_error = false);

// plain_tools.cpp: what needs nothing but time and memory.
void echo(Server& server, const CallPtr& call);
void add(Server& server, const CallPtr& call);
void sleep_a_while(Server& server, const CallPtr& call);
void fail(Server& server, const CallPtr& call);
void error(Server& server, const CallPtr& call);
void big(Server& server, const CallPtr& call);
void progress(Server& server, const CallPtr& call);
void do_nothing(Server& server, const CallPtr& call);

// process_tools.cpp: this process and what it leaves in the world.
void to_stderr(Server& server, const CallPtr& call);
void effect(Server& server, const CallPtr& call);
void crash(Server& server, const CallPtr& call);
void exit_now(Server& server, const CallPtr& call);
void env(Server& server, const CallPtr& call);
void args(Server& server, const CallPtr& call);

// client_tools.cpp: what turns back to the client.
void ask(Server& server, const CallPtr& call);
void change_tools(Server& server, const CallPtr& call);
void log(Server& server, const CallPtr& call);

// file_tools.cpp
void read_text_file(Server& server, const CallPtr& call);
void list_directory(Server& server, const CallPtr& call);

}  // namespace builtin
