#include "roots.hpp"

#include <boost/json/array.hpp>

#include <charconv>

namespace builtin {

namespace fs = std::filesystem;

namespace {

/// The path of a file URI; empty when it is none.
std::string path_of(std::string_view uri) {
    constexpr std::string_view scheme = "file://";
    constexpr std::string_view host = "localhost/";
    if (!uri.starts_with(scheme)) return {};
    uri.remove_prefix(scheme.size());
    if (uri.starts_with(host)) uri.remove_prefix(host.size() - 1);
    if (!uri.starts_with('/')) return {};
    std::string out;
    for (std::size_t i = 0; i < uri.size(); ++i) {
        unsigned char byte = 0;
        const char* digits = uri.data() + i + 1;
        const bool escaped =
            uri[i] == '%' && i + 2 < uri.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
        out += escaped ? static_cast<char>(byte) : uri[i];
        if (escaped) i += 2;
    }
    return out;
}

bool is_inside(const fs::path& real, const fs::path& folder) {
    const fs::path relative = real.lexically_relative(folder);
    return !relative.empty() && *relative.begin() != "..";
}

}  // namespace

std::vector<std::string> folders_in(const json::object& answer) {
    std::vector<std::string> out;
    const auto* roots = object_in(answer, "result").if_contains("roots");
    if (roots == nullptr || !roots->is_array()) return out;
    for (const auto& root : roots->get_array()) {
        const auto* uri = root.is_object() ? root.get_object().if_contains("uri") : nullptr;
        std::string path = uri != nullptr && uri->is_string() ? path_of(std::string_view(uri->get_string())) : "";
        if (!path.empty()) out.push_back(std::move(path));
    }
    return out;
}

std::optional<fs::path> path_inside(const std::string& path, const std::vector<std::string>& folders) {
    std::error_code failed;
    const fs::path real = fs::weakly_canonical(fs::absolute(path, failed), failed);
    if (failed || path.contains('\0')) return std::nullopt;
    for (const auto& folder : folders) {
        std::error_code unusable;
        const fs::path real_folder = fs::weakly_canonical(fs::absolute(folder, unusable), unusable);
        if (!folder.empty() && !unusable && is_inside(real, real_folder)) return real;
    }
    return std::nullopt;
}

}  // namespace builtin
