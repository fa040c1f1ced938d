#include "world.hpp"

#include "conversation.hpp"
#include "faults.hpp"
#include "seal.hpp"
#include "tasks.hpp"

#include <algorithm>

namespace builtin {

World::World(const Switches& told, int argc, char** argv_of_main)
    : switches(told),
      argv(argv_of_main, argv_of_main + argc),
      ledger(told.ledger),
      replies(switches),
      all_tasks(std::make_unique<Tasks>(*this)),
      tasks(*all_tasks),
      secret(random_text()) {
    if (switches.hang_at_start) replies.fall_silent();
}

World::~World() = default;

void World::die() {
    flush();
    builtin::die(switches);
}

void World::tell_all(const std::function<void(Conversation&)>& tell) {
    const auto all = conversations;  // telling may end one
    for (Conversation* each : all) {
        if (conversations.contains(each)) tell(*each);
    }
}

void World::list_changed(std::string_view list) {
    tell_all([&](Conversation& each) { each.list_changed(list); });
}

void World::end_listening(bool broken) {
    tell_all([&](Conversation& each) { each.end_listening(broken); });
}

void World::resource_updated(const std::string& uri) {
    tell_all([&](Conversation& each) { each.resource_updated(uri); });
}

void World::task_changed(const std::string& id, const json::object& task) {
    tell_all([&](Conversation& each) { each.task_changed(id, task); });
}

void World::later(std::shared_ptr<Conversation> whose, json::object message, OutletPtr to) {
    waiting_.push_back({std::move(whose), std::move(message), std::move(to)});
}

void World::drop_waiting(const Conversation& whose, const json::value& id) {
    std::erase_if(waiting_, [&](const Waiting& each) {
        return each.whose.get() == &whose && (id.is_null() || each.message.at("id") == id);
    });
}

bool World::busy() const {
    return std::ranges::any_of(conversations, [](const Conversation* each) { return each->runs_calls(); });
}

void World::take_waiting() {
    while (!waiting_.empty() && !busy()) {
        Waiting next = std::move(waiting_.front());
        waiting_.pop_front();
        next.whose->take(std::move(next.message), next.to);
    }
}

}  // namespace builtin
