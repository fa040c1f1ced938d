#pragma once

#include "conversation.hpp"

#include <string_view>

namespace builtin {

/// The end of a call: it is answered.
inline void finish(const CallPtr& call, json::object result) { call->conversation->finish(call, std::move(result)); }
[[nodiscard]] json::object text_result(std::string_view text, bool is_error = false);

// plain_tools.cpp: what needs nothing but time and memory.
void echo(const CallPtr& call);
void add(const CallPtr& call);
void sleep_a_while(const CallPtr& call);
void fail(const CallPtr& call);
void error(const CallPtr& call);
void big(const CallPtr& call);
void progress(const CallPtr& call);
void do_nothing(const CallPtr& call);

// process_tools.cpp: this process and what it leaves in the world.
void to_stderr(const CallPtr& call);
void effect(const CallPtr& call);
void crash(const CallPtr& call);
void exit_now(const CallPtr& call);
void env(const CallPtr& call);
void args(const CallPtr& call);

// work_tools.cpp: what takes its time, or shows a feature of tools.
void job(const CallPtr& call);
void region(const CallPtr& call);
void structured(const CallPtr& call);

// client_tools.cpp: what turns back to the client.
void ask(const CallPtr& call);
void ask_all(const CallPtr& call);
void ask_rounds(const CallPtr& call);
void touch(const CallPtr& call);
void end_listening(const CallPtr& call);
void change_tools(const CallPtr& call);
void log(const CallPtr& call);

// file_tools.cpp
void read_text_file(const CallPtr& call);
void list_directory(const CallPtr& call);

}  // namespace builtin
