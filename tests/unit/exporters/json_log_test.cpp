#include "haive/mcp/exporters/json_log.hpp"

#include <boost/json/parse.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace haive::mcp {
namespace {

Event oddity(std::string_view kind, std::string text) {
    OddityEvent what;
    what.kind = kind;
    what.text = std::move(text);
    Event event;
    event.server = "s";
    event.what = std::move(what);
    return event;
}

/// A file in a folder that goes away.
class LogFile {
public:
    LogFile() {
        std::string name = (std::filesystem::temp_directory_path() / "haive_log_XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }
    ~LogFile() { std::filesystem::remove_all(folder_); }
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    [[nodiscard]] std::string path() const { return (folder_ / "log.jsonl").string(); }
    [[nodiscard]] std::vector<boost::json::object> lines() const {
        std::vector<boost::json::object> out;
        std::ifstream in(path());
        for (std::string line; std::getline(in, line);) out.push_back(boost::json::parse(line).as_object());
        return out;
    }

private:
    std::filesystem::path folder_;
};

TEST(JsonLog, what_a_server_brings_about_is_counted_and_own_findings_are_lines) {
    const LogFile file;
    JsonLogOptions options;
    options.path = file.path();
    const auto log = open_json_log(options);
    ASSERT_TRUE(log.has_value());
    for (int i = 0; i < 1000; ++i) (*log)->on_event(oddity("junk", "hunter2"));
    EXPECT_TRUE(file.lines().empty());
    (*log)->on_event(oddity("lease_leak", "held for 30 s since jobs.cpp:12"));
    for (const char* kind : {"lease_returned", "storm", "catalogue_not_saved"}) {
        (*log)->on_event(oddity(kind, "what happened, with API_KEY=hunter2"));
    }
    const auto lines = file.lines();
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0].at("kind").as_string(), "lease_leak");
    EXPECT_EQ(lines[0].at("text").as_string(), "held for 30 s since jobs.cpp:12");
    EXPECT_EQ(lines[0].at("meanwhile").at("oddities").to_number<int>(), 1000);
    EXPECT_EQ(lines[3].at("text").as_string(), "what happened, with API_KEY=***");
}

TEST(JsonLog, only_its_owner_may_read_it_after_a_rotation_too) {
    const LogFile file;
    JsonLogOptions options;
    options.path = file.path();
    options.most_bytes = 500;
    const auto log = open_json_log(options);
    ASSERT_TRUE(log.has_value());
    for (int i = 0; i < 20; ++i) (*log)->on_event(oddity("storm", "many at once"));
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(file.path()).parent_path())) {
        struct stat facts{};
        ASSERT_EQ(stat(entry.path().c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 0777U, 0600U) << entry.path();
        ++files;
    }
    EXPECT_GE(files, 2);
}

TEST(JsonLog, a_file_that_cannot_be_opened_is_an_error) {
    JsonLogOptions options;
    options.path = "/nonexistent/folder/log";
    const auto log = open_json_log(options);
    ASSERT_TRUE(log.has_error());
    EXPECT_EQ(log.error().kind(), ErrorKind::invalid_config);
}

}  // namespace
}  // namespace haive::mcp
