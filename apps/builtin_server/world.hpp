#pragma once

#include "ledger.hpp"
#include "replies.hpp"
#include "timers.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace builtin {

class Conversation;
class Tasks;

/// What all conversations of this process share. One thread; it outlives them all.
class World {
public:
    World(const Switches& switches, int argc, char** argv);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    const Switches switches;
    const std::vector<std::string> argv;
    Timers timers;
    Ledger ledger;
    Replies replies;
    const std::unique_ptr<Tasks> all_tasks;
    Tasks& tasks;
    const std::string secret;  // what request states are sealed with

    std::set<Conversation*> conversations;  // those that can be told something
    int started = 0;                        // calls that came
    int answered = 0;
    bool tools_changed = false;
    bool prompts_changed = false;
    /// Sends what waits to be sent: before an end on purpose.
    std::function<void()> flush = [] {};
    /// The client sees its connection close for writing, while this process lives on.
    std::function<void()> close_output = [] {};

    /// Ends this process as the switches say.
    [[noreturn]] void die();
    /// A list changed (`tools`, `prompts`, `resources`): tells everybody who wants to hear of it.
    void list_changed(std::string_view list);
    void end_listening(bool broken);
    void resource_updated(const std::string& uri);
    void task_changed(const std::string& id, const json::object& task);

    /// With --serial: one that waits for the call before it, in the order in which they came.
    void later(std::shared_ptr<Conversation> whose, json::object message, OutletPtr to);
    void drop_waiting(const Conversation& whose, const json::value& id);
    [[nodiscard]] bool busy() const;
    [[nodiscard]] bool crowded() const { return busy() || !waiting_.empty(); }
    /// Takes up what waits, while nothing runs.
    void take_waiting();

private:
    void tell_all(const std::function<void(Conversation&)>& tell);

    struct Waiting {
        std::shared_ptr<Conversation> whose;
        json::object message;
        OutletPtr to;
    };
    std::deque<Waiting> waiting_;
};

}  // namespace builtin
