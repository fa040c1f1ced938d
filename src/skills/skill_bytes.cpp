#include "skills/skill_bytes.hpp"

#include <openssl/evp.h>

#include <array>

namespace haive::mcp {

std::string sha256_digest(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "sha256:";
    for (unsigned int i = 0; i < size; ++i) {
        out += hex[digest[i] >> 4U];
        out += hex[digest[i] & 15U];
    }
    return out;
}

Result<std::string> bytes_of(const ResourceContents& contents) {
    if (contents.text) return *contents.text;
    const std::string encoded = contents.blob.value_or("");
    std::string out(encoded.size() / 4 * 3, '\0');
    const int size =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(encoded.data()), static_cast<int>(encoded.size()));
    if (size < 0 || encoded.size() % 4 != 0) {
        return Error(ErrorKind::protocol_violation, "the blob of " + contents.uri.substr(0, 200) + " is not base64",
                     Disposition::executed);
    }
    const std::size_t padding = encoded.ends_with("==") ? 2 : encoded.ends_with('=') ? 1 : 0;
    out.resize(static_cast<std::size_t>(size) - padding);
    return out;
}

}  // namespace haive::mcp
