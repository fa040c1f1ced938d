#include "http_fault_table.hpp"

namespace builtin {

bool HttpFaultTable::hits(std::string_view kind) {
    if (switches_.fault_on != "any" && kind != switches_.fault_on) return false;
    const int behind = ++matching_ - switches_.fault_at;
    return behind >= 0 && (switches_.fault_times == 0 || behind < switches_.fault_times);
}

HttpRefusal HttpFaultTable::refusal(bool hit) {
    const bool again = switches_.refuse_401 == HttpSwitches::Refuse::always;
    if (again || (switches_.refuse_401 == HttpSwitches::Refuse::once && !refused_401_)) {
        refused_401_ = true;
        return {401, ""};
    }
    if (!hit || switches_.refusal_status == 0) return {};
    return {switches_.refusal_status, switches_.retry_after};
}

}  // namespace builtin
