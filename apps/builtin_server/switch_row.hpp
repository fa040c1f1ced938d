#pragma once

#include "switch_table.hpp"

#include <charconv>
#include <cstring>
#include <string>
#include <system_error>

namespace builtin {

// What the rows of the switch tables are made of.

using Set = std::function<void(Switches&, const char* value)>;

template <class T>
[[nodiscard]] T number(const char* name, const char* text) {
    T out{};
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), out);
    bool in_range = error == std::errc() && *end == '\0' && out >= T{} && out <= T{2'000'000'000};
    if (!in_range) misuse(name, "wants a number that is not negative");
    return out;
}

inline Set into(double Switches::* member, const char* name) {
    return [=](Switches& s, const char* value) { s.*member = number<double>(name, value); };
}
inline Set into(int Switches::* member, const char* name) {
    return [=](Switches& s, const char* value) { s.*member = number<int>(name, value); };
}
inline Set into(long Switches::* member, const char* name) {
    return [=](Switches& s, const char* value) { s.*member = number<long>(name, value); };
}
inline Set into(std::string Switches::* member, const char*) {
    return [=](Switches& s, const char* value) { s.*member = value; };
}
inline Set into(bool Switches::* member, const char*) {
    return [=](Switches& s, const char*) { s.*member = true; };
}

template <class T, class Part>
[[nodiscard]] Switch row(const char* name, const char* value, const char* help, T Part::* member) {
    return {name, value, help, into(static_cast<T Switches::*>(member), name),
            value != nullptr ? Wants::value : Wants::nothing};
}

}  // namespace builtin
