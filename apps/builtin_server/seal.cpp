#include "seal.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <random>

namespace builtin {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t word_at(std::string_view bytes, std::size_t at) {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < 4; ++i) out = out << 8 | static_cast<unsigned char>(bytes[at + i]);
    return out;
}

/// RFC 3174, one block of 64 bytes.
void digest(std::array<std::uint32_t, 5>& h, std::string_view block) {
    std::array<std::uint32_t, 80> w{};
    for (std::size_t t = 0; t < 16; ++t) w[t] = word_at(block, 4 * t);
    for (std::size_t t = 16; t < 80; ++t) w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    auto [a, b, c, d, e] = h;
    for (std::size_t t = 0; t < 80; ++t) {
        const auto [f, k] = t < 20   ? std::pair{(b & c) | (~b & d), 0x5a827999U}
                            : t < 40 ? std::pair{b ^ c ^ d, 0x6ed9eba1U}
                            : t < 60 ? std::pair{(b & c) | (b & d) | (c & d), 0x8f1bbcdcU}
                                     : std::pair{b ^ c ^ d, 0xca62c1d6U};
        const std::uint32_t next = std::rotl(a, 5) + f + e + w[t] + k;
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = next;
    }
    h = {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
}

std::string hmac(std::string_view secret, std::string_view text) {
    std::string key(secret.size() > 64 ? sha1(secret) : std::string(secret));
    key.resize(64, '\0');
    std::string inner = key;
    std::string outer = key;
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
    return sha1(outer + sha1(inner.append(text)));
}

}  // namespace

std::string sha1(std::string_view bytes) {
    std::array<std::uint32_t, 5> h{0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U, 0xc3d2e1f0U};
    std::string padded(bytes);
    padded += '\x80';
    while (padded.size() % 64 != 56) padded += '\0';
    const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
    for (int shift = 56; shift >= 0; shift -= 8) padded += static_cast<char>(bits >> shift & 0xff);
    for (std::size_t at = 0; at < padded.size(); at += 64) digest(h, std::string_view(padded).substr(at, 64));
    std::string out;
    for (const std::uint32_t word : h) {
        for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift & 0xff);
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view three = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            bits = bits << 8 | (i < three.size() ? static_cast<unsigned char>(three[i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            out += i <= three.size() ? alphabet[bits >> (18 - 6 * i) & 0x3f] : '=';
        }
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (const char c : text) {
        const std::size_t digit = alphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        have += 6;
        if (have < 8) continue;
        have -= 8;
        out += static_cast<char>(bits >> have & 0xff);
    }
    if ((bits & ((1U << have) - 1)) != 0) return std::nullopt;
    return out;
}

std::string random_text() {
    std::random_device device;
    std::string out;
    while (out.size() < 32) {
        const std::uint32_t word = device();
        for (int shift = 0; shift < 32; shift += 4) out += "0123456789abcdef"[word >> shift & 0xf];
    }
    return out;
}

std::string sealed(std::string_view secret, std::string_view text) {
    return to_base64(hmac(secret, text)) + to_base64(text);
}

std::optional<std::string> unsealed(std::string_view secret, std::string_view sealed_text) {
    constexpr std::size_t mark = 28;  // 20 bytes in base64
    if (sealed_text.size() < mark) return std::nullopt;
    auto text = from_base64(sealed_text.substr(mark));
    if (!text || to_base64(hmac(secret, *text)) != sealed_text.substr(0, mark)) return std::nullopt;
    return text;
}

}  // namespace builtin
