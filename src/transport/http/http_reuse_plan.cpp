#include "transport/http/http_reuse_plan.hpp"

#include "transport/http/http_text.hpp"

#include <algorithm>
#include <charconv>

namespace haive::mcp {

namespace {
constexpr Duration usual_servers_keep_less_one = std::chrono::seconds(4);  // Node and uvicorn: five
}  // namespace

Duration idle_time(std::string_view keep_alive, Duration configured, IdleUse use) noexcept {
    const Duration most = std::max(configured, Duration::zero());
    Duration out = use == IdleUse::once ? std::min(most, usual_servers_keep_less_one) : most;
    for_each_element(keep_alive, [&](std::string_view parameter) {
        const std::size_t equals = parameter.find('=');
        if (equals == std::string_view::npos || !iequals(trim_blanks(parameter.substr(0, equals)), "timeout")) return;
        const std::string_view number = trim_blanks(parameter.substr(equals + 1));
        unsigned seconds = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), seconds);
        if (error != std::errc() || end != number.data() + number.size()) return;
        out = std::min<Duration>(most, std::chrono::seconds(seconds == 0 ? 0 : seconds - 1));
    });
    return out;
}

}  // namespace haive::mcp
