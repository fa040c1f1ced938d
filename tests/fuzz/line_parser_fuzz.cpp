// The line framing against a model: whatever the slicing, the same lines come out, none over the cap.
#include "transport/stream/line_parser.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace haive::mcp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t cap = data[0] * 8 + 1;
    std::size_t slice = data[1] + 1;
    const std::string stream(reinterpret_cast<const char*>(data) + 2, size - 2);

    std::vector<std::string> expected;
    std::size_t overlong = 0;
    for (std::size_t from = 0;;) {
        const std::size_t newline = stream.find('\n', from);
        if (newline == std::string::npos) break;
        std::string line = stream.substr(from, newline - from);
        from = newline + 1;
        if (line.size() > cap) {
            ++overlong;
            continue;
        }
        if (!line.empty() && line.back() == '\r') line.pop_back();
        expected.push_back(std::move(line));
    }

    LineParser parser(cap);
    std::vector<std::string> got;
    std::size_t got_overlong = 0;
    for (std::size_t at = 0; at < stream.size(); at += slice) {
        std::string block = stream.substr(at, slice);
        const std::size_t n = block.size();
        block.append(64, '\n');  // slack that would be noticed if it were taken for content
        parser.feed(
            block.data(), n,
            [&](std::string_view line) {
                got.emplace_back(line);
                return true;
            },
            [&](const OverlongLine& line) {
                ++got_overlong;
                if (line.head.size() > 512 || line.tail.size() > 512 || line.size <= cap) std::abort();
                return true;
            });
    }
    if (got != expected || got_overlong != overlong) std::abort();
    return 0;
}
