#pragma once

#include "haive/mcp/base/result.hpp"
#include "haive/mcp/jsonrpc/message.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace haive::mcp {

/// Finds what a JSON-RPC message is: kind, id, method and the raw payload. One for many channels of a
/// loop; it keeps the parser's memory and gives it back after a giant message.
///
/// It tolerates what servers send (`id: null`, results with `error: null`, unknown members, bytes that
/// are not UTF-8) and refuses what is ambiguous (a duplicate `id` or `method`, both result and error).
class MessageCodec {
public:
    MessageCodec();
    ~MessageCodec();

    /// Routes one message. `text` must have 64 readable bytes behind it; the view points into `text`, or
    /// into this codec's scratch memory until the next call.
    [[nodiscard]] Result<MessageView> route(std::string_view text);

    /// The elements of a JSON-RPC batch (2025-03-26 servers may send one). Calls `each` with every
    /// element's text; false when `text` is not an array of objects.
    template <class Each>
    bool split_batch(std::string_view text, Each&& each) {
        struct Adapter {
            static void call(void* self, std::string_view element) {
                (*static_cast<std::remove_reference_t<Each>*>(self))(element);
            }
        };
        return split(text, &Adapter::call, &each);
    }

private:
    bool split(std::string_view text, void (*each)(void*, std::string_view), void* self);

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Code, message and data of a JSON-RPC `error` object's text; bounded, tolerant.
struct RpcErrorText {
    int code = 0;
    std::string message;
    std::string data;  ///< raw JSON, or empty
};
[[nodiscard]] RpcErrorText read_rpc_error(std::string_view error_object);

/// The id of a message from whose text only the beginning and the end are at hand (it was too long).
/// Looks for a top-level-looking `"id":N`; nullopt-like 0 when there is none.
[[nodiscard]] std::uint64_t guess_integer_id(std::string_view head, std::string_view tail) noexcept;

/// Writes `{"jsonrpc":"2.0","id":ID,"method":"M","params":P}`; id 0 writes a notification, empty params
/// are left out.
[[nodiscard]] std::string encode_message(std::uint64_t id, std::string_view method, std::string_view params);
[[nodiscard]] std::string encode_result(std::string_view raw_id, std::string_view result);
[[nodiscard]] std::string encode_error(std::string_view raw_id, int code, std::string_view message);

}  // namespace haive::mcp
