#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace haive::mcp::testing {

/// A folder of the test's own that goes with it.
class TempFolder {
public:
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "haive-it-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = std::filesystem::canonical(name);
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] std::string at(const std::string& name) const { return (path_ / name).string(); }

    /// Writes a file and returns its path.
    std::string file(const std::string& name, const std::string& text, bool executable = false) const {
        const std::string where = at(name);
        std::ofstream(where, std::ios::binary) << text;
        using std::filesystem::perms;
        std::filesystem::permissions(where, executable ? perms::owner_all : perms::owner_read | perms::owner_write);
        return where;
    }
    [[nodiscard]] std::string text_of(const std::string& name) const {
        std::ifstream in(at(name), std::ios::binary);
        std::ostringstream out;
        out << in.rdbuf();
        return out.str();
    }
    [[nodiscard]] std::vector<std::string> lines_of(const std::string& name) const {
        std::vector<std::string> out;
        std::ifstream in(at(name));
        for (std::string line; std::getline(in, line);) out.push_back(line);
        return out;
    }

private:
    std::filesystem::path path_;
};

}  // namespace haive::mcp::testing
