#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace cli_test {

/// What a terminal would show: lines, with the few control sequences that the command uses.
class Screen {
public:
    explicit Screen(std::string_view bytes) {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (bytes[i] == '\x1b' && i + 1 < bytes.size() && bytes[i + 1] == '[') {
                const std::size_t end = bytes.find_first_of("ABCDJKHmhl", i + 2);
                if (end == std::string_view::npos) break;
                control(bytes[end], std::atoi(std::string(bytes.substr(i + 2, end - i - 2)).c_str()));
                i = end;
            } else {
                put(bytes[i]);
            }
        }
        while (!lines_.empty() && lines_.back().empty()) lines_.pop_back();
    }

    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
    [[nodiscard]] std::string text() const {
        std::string out;
        for (const auto& line : lines_) out += line + "\n";
        return out;
    }

private:
    void put(char c) {
        if (c == '\r') {
            column_ = 0;
        } else if (c == '\n') {
            ++row_;
            column_ = 0;
        } else {
            auto& line = here();
            if (line.size() <= column_) line.resize(column_ + 1, ' ');
            line[column_++] = c;
        }
    }
    void control(char command, int number) {
        if (command == 'A') {
            const auto up = static_cast<std::size_t>(number > 0 ? number : 1);
            row_ = row_ > up ? row_ - up : 0;
        } else if (command == 'K') {
            if (here().size() > column_) here().resize(column_);
        } else if (command == 'J') {
            if (here().size() > column_) here().resize(column_);
            lines_.resize(row_ + 1);
        }
    }
    std::string& here() {
        if (lines_.size() <= row_) lines_.resize(row_ + 1);
        return lines_[row_];
    }

    std::vector<std::string> lines_;
    std::size_t row_ = 0;
    std::size_t column_ = 0;
};

}  // namespace cli_test
