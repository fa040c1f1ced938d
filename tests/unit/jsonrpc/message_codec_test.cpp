#include "jsonrpc/message_codec.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace haive::mcp;

namespace {

/// Keeps the text alive, with the slack that the codec asks for.
class Routed {
public:
    explicit Routed(std::string text) : text_(std::move(text)), size_(text_.size()) {
        text_.append(64, '@');
        result_ = codec_.route(std::string_view(text_.data(), size_));
    }
    explicit operator bool() const { return result_.has_value(); }
    const MessageView* operator->() const { return &result_.value(); }
    std::string error() const { return result_.error().message(); }

private:
    MessageCodec codec_;
    std::string text_;
    std::size_t size_;
    Result<MessageView> result_ = Error(ErrorKind::encode_error, "not routed");
};

}  // namespace

TEST(MessageCodec, finds_the_parts_of_a_response) {
    Routed m(R"( {"result": {"a":[1,2,{"id":9}]} ,"jsonrpc":"2.0","id":42})");
    ASSERT_TRUE(m) << m.error();
    EXPECT_EQ(m->kind, MessageKind::result);
    EXPECT_TRUE(m->id.is_integer(42));
    EXPECT_EQ(m->payload, R"({"a":[1,2,{"id":9}]})");
}

TEST(MessageCodec, keeps_the_payload_byte_for_byte) {
    const std::string odd = R"({ "big": 123456789012345678901234567890 , "f":1.0e+00,"u":"\u00e9\ud83d\ude00" })";
    Routed m(R"({"jsonrpc":"2.0","id":1,"result":)" + odd + "}");
    ASSERT_TRUE(m) << m.error();
    EXPECT_EQ(m->payload, odd);
}

TEST(MessageCodec, tells_requests_notifications_and_errors_apart) {
    EXPECT_EQ(Routed(R"({"jsonrpc":"2.0","id":"a","method":"ping"})")->kind, MessageKind::request);
    EXPECT_EQ(Routed(R"({"jsonrpc":"2.0","method":"notifications/x","params":{}})")->kind, MessageKind::notification);
    EXPECT_EQ(Routed(R"({"jsonrpc":"2.0","id":1,"error":{"code":1}})")->kind, MessageKind::error);
    EXPECT_EQ(Routed(R"({"jsonrpc":"2.0","id":1,"result":null,"error":null})")->kind, MessageKind::result);
}

TEST(MessageCodec, tolerates_what_servers_send) {
    EXPECT_EQ(Routed(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700}})")->id.kind, MessageId::Kind::null);
    EXPECT_EQ(Routed(R"({"id":1,"result":{}})")->kind, MessageKind::result);
    EXPECT_EQ(Routed(R"({"jsonrpc":"2.0","id":1,"result":{},"extra":[1]})")->kind, MessageKind::result);
    EXPECT_EQ(Routed(R"({"jsonrpc":"2.0","id":1,"error":"plain text"})")->kind, MessageKind::error);
    EXPECT_EQ(Routed(R"({"jsonrpc":"2.0","method":"a\/b"})")->method, "a/b");
    Routed bad_utf8("{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"t\":\"\xff\xc3(\"}}");
    ASSERT_TRUE(bad_utf8) << bad_utf8.error();
    EXPECT_EQ(bad_utf8->payload, "{\"t\":\"\xef\xbf\xbd\xef\xbf\xbd(\"}");
}

TEST(MessageCodec, refuses_what_is_ambiguous_or_no_message) {
    for (const char* text : {R"({"id":1,"id":2,"result":{}})", R"({"method":"a","method":"b"})",
                             R"({"id":1,"result":{},"error":{"code":1}})", R"({"id":1})", R"({})", R"({"method":5})",
                             R"({"id":1,"result":{}} trailing)", R"({"id":1,"result":{})", R"({"id":1,"result")", "{",
                             "[1]", "", "nonsense", "{\"id\":1,\"result\":{}}{\"id\":2,\"result\":{}}"}) {
        EXPECT_FALSE(Routed(text)) << text;
    }
}

TEST(MessageCodec, ids_of_every_kind) {
    EXPECT_EQ(Routed(R"({"id":"x","result":1})")->id.kind, MessageId::Kind::string);
    EXPECT_EQ(Routed(R"({"id":"x","result":1})")->id.raw, "\"x\"");
    EXPECT_EQ(Routed(R"({"id":1.5,"result":1})")->id.kind, MessageId::Kind::other);
    EXPECT_EQ(Routed(R"({"id":{},"result":1})")->id.kind, MessageId::Kind::other);
    EXPECT_EQ(Routed(R"({"id":-4,"result":1})")->id.number, -4);
}

TEST(MessageCodec, splits_batches) {
    MessageCodec codec;
    std::string text = R"([{"id":1,"result":{}}, {"id":2,"result":{}}])";
    std::vector<std::string> elements;
    EXPECT_TRUE(codec.split_batch(text, [&](std::string_view e) { elements.emplace_back(e); }));
    EXPECT_EQ(elements, (std::vector<std::string>{R"({"id":1,"result":{}})", R"({"id":2,"result":{}})"}));
    EXPECT_FALSE(codec.split_batch("[INFO] starting", [](std::string_view) {}));
}

TEST(MessageCodec, depth_and_size_bombs_end) {
    EXPECT_TRUE(Routed("{\"id\":1,\"result\":" + std::string(100000, '[') + std::string(100000, ']') + "}"));
    EXPECT_FALSE(Routed("{\"id\":1,\"result\":" + std::string(100000, '[')));
}

TEST(MessageCodec, error_objects_are_read_tolerantly) {
    EXPECT_EQ(read_rpc_error(R"({"code":-32601,"message":"no","data":{"a":1}})").code, -32601);
    EXPECT_EQ(read_rpc_error(R"({"code":-32601,"message":"no","data":{"a":1}})").data, R"({"a":1})");
    EXPECT_EQ(read_rpc_error(R"("just text")").message, "just text");
    EXPECT_EQ(read_rpc_error(R"([1)").message, "(unreadable error object)");
    EXPECT_EQ(read_rpc_error(R"({"message":")" + std::string(10000, 'x') + "\"}").message.size(), 4096u);
}

TEST(MessageCodec, guesses_the_id_of_a_message_that_was_too_long) {
    EXPECT_EQ(guess_integer_id(R"({"jsonrpc":"2.0","id":17,"result":{"te)", "xxx\"}}"), 17u);
    EXPECT_EQ(guess_integer_id(R"({"result":{"text":"aaaa)", R"(aaaa"},"jsonrpc":"2.0","id": 5})"), 5u);
    EXPECT_EQ(guess_integer_id("{\"result\":", "}}"), 0u);
}

TEST(MessageCodec, writes_messages) {
    EXPECT_EQ(encode_message(3, "ping", ""), R"({"jsonrpc":"2.0","id":3,"method":"ping"})");
    EXPECT_EQ(encode_message(0, "n", "{}"), R"({"jsonrpc":"2.0","method":"n","params":{}})");
    EXPECT_EQ(encode_result("\"s\"", "{}"), R"({"jsonrpc":"2.0","id":"s","result":{}})");
    EXPECT_EQ(encode_error("1", -5, "a\"b"), R"({"jsonrpc":"2.0","id":1,"error":{"code":-5,"message":"a\"b"}})");
}
