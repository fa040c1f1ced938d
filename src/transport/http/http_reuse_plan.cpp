#include "transport/http/http_reuse_plan.hpp"

#include "transport/http/http_text.hpp"

#include <algorithm>
#include <charconv>

namespace haive::mcp {

Duration idle_time(std::string_view keep_alive, Duration configured) noexcept {
    Duration out = std::max(configured, Duration::zero());
    for_each_element(keep_alive, [&](std::string_view parameter) {
        const std::size_t equals = parameter.find('=');
        if (equals == std::string_view::npos || !iequals(trim_blanks(parameter.substr(0, equals)), "timeout")) return;
        const std::string_view number = trim_blanks(parameter.substr(equals + 1));
        unsigned seconds = 0;
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), seconds);
        if (error != std::errc() || end != number.data() + number.size()) return;
        out = std::min<Duration>(out, std::chrono::seconds(seconds == 0 ? 0 : seconds - 1));
    });
    return out;
}

}  // namespace haive::mcp
