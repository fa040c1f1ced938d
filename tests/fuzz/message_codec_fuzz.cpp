// The JSON-RPC router and the value parser on hostile bytes: no crash, views inside the input, and what
// the strict parser calls an object with one clear meaning is routed.
#include "haive/mcp/jsonrpc/raw_json.hpp"
#include "jsonrpc/message_codec.hpp"

#include <boost/json/serialize.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace haive::mcp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static MessageCodec codec;
    std::string text(reinterpret_cast<const char*>(data), size);
    text.append(64, ' ');
    const std::string_view input(text.data(), size);

    auto message = codec.route(input);
    if (message) {
        volatile char sink = 0;
        for (const std::string_view part : {message->id.raw, message->method, message->payload, message->text}) {
            for (const char c : part) sink = c;
        }
        (void)sink;
        if (message->kind == MessageKind::error) (void)read_rpc_error(message->payload);
        if (auto value = parse_json(message->payload)) {
            // What we write of it, we read back.
            if (!parse_json(json::serialize(*value))) std::abort();
        }
    }
    (void)codec.split_batch(input, [](std::string_view element) {
        if (element.empty()) std::abort();
    });
    (void)parse_json(input);
    (void)guess_integer_id(input.substr(0, 512), input);
    std::string quoted;
    append_json_string(quoted, input);
    auto back = parse_json(quoted);
    if (!back || !back->is_string()) std::abort();
    return 0;
}
