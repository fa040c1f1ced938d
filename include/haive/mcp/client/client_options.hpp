#pragma once

#include "haive/mcp/base/time.hpp"
#include "haive/mcp/base/unique_function.hpp"
#include "haive/mcp/client/era_preference.hpp"
#include "haive/mcp/jsonrpc/raw_json.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace haive::mcp {

/// A folder or file that the client lets servers know about (MCP *Roots*).
struct ClientRoot {
    ClientRoot() = default;
    explicit ClientRoot(std::string file_uri, std::string label = std::string())
        : uri(std::move(file_uri)), name(std::move(label)) {}
    std::string uri;   ///< `file://...`
    std::string name;  ///< for people; may be empty
};

/// How a handler answers a request of the server. Once, from any thread, now or later; an answer that
/// nobody waits for any more (the server cancelled, the connection is gone) is dropped. A reply object that
/// is destroyed without an answer refuses the request.
class ServerRequestReply {
public:
    virtual ~ServerRequestReply() = default;
    /// `result` is the JSON object of the result.
    virtual void answer(RawJson result) = 0;
    virtual void refuse(int code, std::string message) = 0;
};

/// Answers one kind of server request (`sampling/createMessage`, `elicitation/create`).
using ServerRequestHandler = std::function<void(const RawJson& params, std::shared_ptr<ServerRequestReply> reply)>;
/// Is told of a notification; `params` is raw JSON, `{}` when there was none.
using NotificationHandler = std::function<void(const RawJson& params)>;

/// What one client is and may do. A plain struct with a constructor; set what differs.
struct ClientOptions {
    ClientOptions() = default;

    /// Sent to the server as `clientInfo`.
    std::string name = "haive-mcp";
    std::string title;
    std::string version = "0.1.0";

    EraPreference era = EraPreference::automatic;
    /// What an earlier run learnt about this server's era; saves the probe.
    std::optional<PriorEra> prior_era;
    /// Longest silence per call unless the call says otherwise. (0, 24 h].
    Seconds request_timeout{60};
    /// How long the era probe waits once the server has shown life. 0 means min(2 s, a quarter of what
    /// is left to connect).
    Seconds probe_timeout{0};

    /// Answered to `roots/list`.
    std::vector<ClientRoot> roots;
    /// Registering one declares the capability; without it the server is refused politely. They serve the
    /// requests of the legacy era and the input rounds of the modern one. `sampling_handler` and
    /// `elicitation_handler` (handlers.hpp) make them from functions over the typed requests.
    ServerRequestHandler on_sampling;
    /// An accepted form is completed from its defaults and checked before it is sent.
    ServerRequestHandler on_elicitation;
    /// `on_sampling` can take requests with `tools`.
    bool offer_sampling_tools = false;
    /// `on_elicitation` also takes pages to open: never without the user's consent, which sees the whole URL.
    bool offer_url_elicitation = false;
    /// How often a server may ask for input within one call (modern era). Range 0..100.
    int max_input_rounds = 10;
    /// Modern era: servers may answer a call with a task (extension `io.modelcontextprotocol/tasks`), which is then
    /// followed to its end. Tools of 2025-11-25 that run only as tasks are always called so.
    bool follow_tasks = true;
    /// Whether a tool's `structuredContent` is checked against the `outputSchema` that it was listed with. What does
    /// not fit, or cannot be checked, fails the call with `executed`; the answer is in the error's `peer_text`, cut.
    bool check_structured_output = true;
    /// Where handlers run. Unset: on the loop's thread, off the read path; they must not block there.
    /// A program that wants blocking handlers gives a function that hands the work to its own thread.
    std::function<void(UniqueFunction<void()>)> handler_executor;
};

}  // namespace haive::mcp
