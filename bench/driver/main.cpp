// Our own driver of the benchmark, beside those of the peers (bench/peers), with the same words and the same lines:
//     haive-bench-driver KIND stdio CELLS -- COMMAND ARGS...
//     haive-bench-driver KIND http-legacy|http-modern CELLS URL
// KIND: bare, client, connection, manager, blocking; the last four also with `-raw` (arguments as JSON text).
// BENCH_CA_FILE names the certificate to trust for https.
#include "driver/bare.hpp"
#include "driver/ours.hpp"

#include <cstdlib>
#include <cstring>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

using namespace haive::bench;
using namespace haive::mcp;

namespace {

std::shared_ptr<MCPTransport> http_transport(const std::string& url) {
    HttpOptions options;
    if (const char* file = std::getenv("BENCH_CA_FILE")) options.ca_file = file;
    options.event_stream = false;
    return std::make_shared<HttpTransport>(url, options);
}

std::shared_ptr<MCPTransport> stdio_transport(const std::vector<std::string>& command) {
    StdioOptions options;
    options.max_outbox_bytes = std::size_t{1} << 30;  // hundreds of megabytes at once are part of the exercise
    return std::make_shared<StdioTransport>(command.front(),
                                            std::vector<std::string>(command.begin() + 1, command.end()), options);
}

/// The server is told of one call by the library, in a process of its own, so that this one stays bare.
void call_once(EraPreference era, const std::string& url) {
    const pid_t child = fork();
    if (child == 0) {
        std::freopen("/dev/null", "w", stdout);
        run_ours({"connection", true, era}, {}, http_transport(url));
        std::_Exit(0);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) die("the call to be repeated failed");
}

void run_bare_http(const std::vector<Cell>& cells, EraPreference era, const std::string& url) {
    const std::size_t colon = url.find(':', url.find("//"));
    if (colon == std::string::npos) die("the URL has no port");
    const auto port = static_cast<std::uint16_t>(std::atoi(url.c_str() + colon + 1));
    // Another server is given what the echo server had: it cannot tell what it was sent.
    const char* sample_from = std::getenv("BENCH_SAMPLE_URL");
    const std::string teller = sample_from != nullptr ? sample_from : url;
    call_once(era, teller);
    bare_http(
        cells, port,
        last_request(static_cast<std::uint16_t>(std::atoi(teller.c_str() + teller.find(':', teller.find("//")) + 1))));
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const std::set<std::string> modes{"stdio", "http-legacy", "http-modern"};
    if (words.size() < 4 || !modes.contains(words[1])) die("usage: KIND stdio|http-legacy|http-modern CELLS TARGET");
    std::string kind = words[0];
    const bool raw = kind.ends_with("-raw");
    if (raw) kind.resize(kind.size() - 4);
    if (!std::set<std::string>{"bare", "client", "connection", "manager", "blocking"}.contains(kind)) {
        die("no such kind: " + kind);
    }
    const auto cells = parse_cells(words[2]);
    const auto era = words[1] == "http-modern" ? EraPreference::modern : EraPreference::legacy;
    if (words[1] == "stdio") {
        const std::vector<std::string> command(words.begin() + (words[3] == "--" ? 4 : 3), words.end());
        if (command.empty()) die("no command");
        if (kind == "bare") {
            bare_stdio(cells, command);
        } else {
            run_ours({kind, raw, era}, cells, stdio_transport(command));
        }
    } else if (kind == "bare") {
        run_bare_http(cells, era, words[3]);
    } else {
        run_ours({kind, raw, era}, cells, http_transport(words[3]));
    }
    return 0;
}
