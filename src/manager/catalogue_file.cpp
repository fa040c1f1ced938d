#include "manager/catalogue_file.hpp"

#include "haive/mcp/jsonrpc/json_text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace haive::mcp {

namespace {

namespace json = boost::json;

constexpr int format = 1;

template <class Item>
void put(std::string& out, std::string_view key, const std::vector<std::shared_ptr<const Item>>& items) {
    out += ",\n\"";
    out += key;
    out += "\":[";
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ',';
        out += '\n';
        out += items[i]->raw.text();
    }
    out += ']';
}

template <class Item>
void get(const json::object& entry, std::string_view key, Result<Item> (*parse)(std::string_view),
         std::vector<std::shared_ptr<const Item>>& items) {
    const auto* list = entry.if_contains(key);
    if (list == nullptr || !list->is_array()) return;
    for (const json::value& each : list->get_array()) {
        auto item = parse(json::serialize(each));
        if (item) items.push_back(std::make_shared<const Item>(std::move(item.value())));
    }
}

CachedLists parse_entry(const json::object& entry) {
    auto lists = std::make_shared<ServerLists>();
    get<Tool>(entry, "tools", parse_tool, lists->tools);
    get<Prompt>(entry, "prompts", parse_prompt, lists->prompts);
    get<Resource>(entry, "resources", parse_resource, lists->resources);
    get<ResourceTemplate>(entry, "resourceTemplates", parse_resource_template, lists->resource_templates);
    if (const auto* at = entry.if_contains("listedAt"); at != nullptr && at->is_int64()) {
        lists->listed_at = std::chrono::system_clock::time_point(std::chrono::seconds(at->get_int64()));
    }
    CachedLists out;
    if (const auto* print = entry.if_contains("fingerprint"); print != nullptr && print->is_string()) {
        out.fingerprint = std::string(print->get_string());
    }
    out.lists = std::move(lists);
    return out;
}

/// Removes what was begun and not finished.
struct Unfinished {
    const std::string& path;
    bool finished = false;
    ~Unfinished() {
        if (!finished) unlink(path.c_str());
    }
};

Error file_error(const std::string& path, const char* what) {
    return Error(ErrorKind::invalid_config,
                 path + ": the catalogue cannot be kept there: " + what + ": " + std::strerror(errno));
}

}  // namespace

std::string write_catalogue(const CachedCatalogue& catalogue) {
    std::string out = "{\"format\":" + std::to_string(format) + ",\"servers\":{";
    bool first = true;
    for (const auto& [name, cached] : catalogue) {
        if (!cached.lists) continue;
        if (!std::exchange(first, false)) out += ',';
        out += '\n';
        append_json_string(out, name);
        out += ":{\"fingerprint\":";
        append_json_string(out, cached.fingerprint);
        if (cached.lists->listed_at) {
            const auto at =
                std::chrono::duration_cast<std::chrono::seconds>(cached.lists->listed_at->time_since_epoch());
            out += ",\"listedAt\":" + std::to_string(at.count());
        }
        put(out, "tools", cached.lists->tools);
        put(out, "prompts", cached.lists->prompts);
        put(out, "resources", cached.lists->resources);
        put(out, "resourceTemplates", cached.lists->resource_templates);
        out += '}';
    }
    out += "}}\n";
    return out;
}

CachedCatalogue read_catalogue(std::string_view text) {
    CachedCatalogue out;
    boost::system::error_code bad;
    json::parse_options options;
    options.max_depth = 64;
    const json::value whole = json::parse(json::string_view(text.data(), text.size()), bad, {}, options);
    if (bad || !whole.is_object()) return out;
    const auto* version = whole.get_object().if_contains("format");
    const auto* servers = whole.get_object().if_contains("servers");
    if (version == nullptr || *version != format || servers == nullptr || !servers->is_object()) return out;
    for (const auto& [name, entry] : servers->get_object()) {
        if (entry.is_object()) out.emplace(std::string(name), parse_entry(entry.get_object()));
    }
    return out;
}

Result<void> save_file(const std::string& path, std::string_view text) {
    std::error_code ignored;
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
    const std::string fresh = path + ".new." + std::to_string(getpid());
    const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    if (fd < 0) return file_error(path, "open");
    Unfinished guard{fresh};
    while (!text.empty()) {
        const ssize_t n = write(fd, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            Error error = file_error(path, "write");
            close(fd);
            return error;
        }
        text.remove_prefix(static_cast<std::size_t>(n));
    }
    close(fd);
    if (rename(fresh.c_str(), path.c_str()) != 0) return file_error(path, "rename");
    guard.finished = true;
    return Result<void>();
}

std::string load_file(const std::string& path) {
    std::error_code bad;
    const auto size = std::filesystem::file_size(path, bad);
    if (bad || size > largest_catalogue_file) return std::string();
    std::ifstream in(path, std::ios::binary);
    std::string out(static_cast<std::size_t>(size), '\0');
    in.read(out.data(), static_cast<std::streamsize>(out.size()));
    out.resize(static_cast<std::size_t>(in.gcount()));
    return out;
}

}  // namespace haive::mcp
