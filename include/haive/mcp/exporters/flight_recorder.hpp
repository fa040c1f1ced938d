#pragma once

#include "haive/mcp/observe/call_observer.hpp"
#include "haive/mcp/observe/event.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace haive::mcp {

struct FlightRecorderOptions {
    FlightRecorderOptions() = default;
    std::size_t events = 64;     ///< kept for each server: changes and own findings, and as many of health
    std::size_t calls = 256;     ///< likewise: ended attempts and calls
    std::size_t servers = 1000;  ///< more of them are not recorded
};

/// The last moments of every server, for whoever asks afterwards what happened: changes, and the frames of calls with
/// their method, sizes and times, never with parameters, results or texts of the peer.
///
/// Give it to the runtime as both `events` and `calls`. Bounded; what is recorded allocates nothing once its ring is
/// full of names of like length. Threads: any.
class FlightRecorder final : public EventSink, public CallObserver {
public:
    explicit FlightRecorder(FlightRecorderOptions options = FlightRecorderOptions());
    ~FlightRecorder() override;

    void on_event(const Event& event) noexcept override;
    void on_call(const CallRecord& record) noexcept override;

    /// Everything as JSON, the oldest first.
    [[nodiscard]] boost::json::object dump() const;

private:
    struct Rings;
    [[nodiscard]] Rings* rings_of(std::string_view server);

    const FlightRecorderOptions options_;
    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Rings>, std::less<>> servers_;
    std::uint64_t not_recorded_ = 0;
};

}  // namespace haive::mcp
