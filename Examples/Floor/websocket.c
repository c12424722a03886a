// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "websocket.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static uint32_t rotated(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

static void sha1_block(uint32_t state[5], const uint8_t block[64]) {
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
               block[4 * i + 3];
    for (int i = 16; i < 80; i++) w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
        uint32_t mix = i < 20   ? ((b & c) | (~b & d)) + 0x5A827999
                       : i < 40 ? (b ^ c ^ d) + 0x6ED9EBA1
                       : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC
                                : (b ^ c ^ d) + 0xCA62C1D6;
        uint32_t next = rotated(a, 5) + mix + e + w[i];
        e = d;
        d = c;
        c = rotated(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

/// The value of Sec-WebSocket-Accept for a key of 24 characters: 28 characters and a NUL.
static void accept_value(const char *key, char *to) {
    // Key and GUID are 60 bytes; with SHA-1's padding that is always two blocks.
    uint8_t text[128] = {0};
    memcpy(text, key, 24);
    memcpy(text + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
    text[60] = 0x80;
    text[126] = 60 * 8 >> 8;
    text[127] = 60 * 8 & 255;
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    sha1_block(state, text);
    sha1_block(state, text + 64);
    uint8_t digest[21] = {0};
    for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 7; i++) {
        uint32_t three = (uint32_t)digest[3 * i] << 16 | (uint32_t)digest[3 * i + 1] << 8 | digest[3 * i + 2];
        for (int k = 0; k < 4; k++) to[4 * i + k] = alphabet[three >> (18 - 6 * k) & 63];
    }
    to[27] = '=';
    to[28] = 0;
}

ssize_t websocket_accept(const char *bytes, size_t count, char *answer, const char **path, size_t *path_length) {
    const char *end = memmem(bytes, count, "\r\n\r\n", 4);
    if (!end) return count > 8192 ? -1 : 0;
    const char *path_end = count > 5 && !memcmp(bytes, "GET /", 5) ? memchr(bytes + 4, ' ', (size_t)(end - bytes) - 4) : NULL;
    if (!path_end) return -1;
    *path = bytes + 4;
    *path_length = (size_t)(path_end - *path);
    static const char name[] = "\r\nSec-WebSocket-Key:";
    for (const char *line = path_end; line < end; line++) {
        if (*line != '\r' || strncasecmp(line, name, sizeof name - 1)) continue;
        line += sizeof name - 1;
        while (*line == ' ') line++;
        if (end - line < 24) return -1;
        char value[29];
        accept_value(line, value);
        snprintf(answer, 160,
                 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: %s\r\n\r\n", value);
        return end - bytes + 4;
    }
    return -1;
}

ssize_t websocket_next(char *bytes, size_t count, struct websocket_frame *frame) {
    if (count < 6) return 0;
    const uint8_t *head = (const uint8_t *)bytes;
    // A client's frames are masked; we take neither extensions nor fragments.
    if ((head[0] & 0xF0) != 0x80 || !(head[1] & 0x80)) return -1;
    size_t length = head[1] & 127, offset = 2;
    if (length == 126) {
        length = (size_t)head[2] << 8 | head[3];
        offset = 4;
    } else if (length == 127) {
        return -1;
    }
    if (count < offset + 4 + length) return 0;
    uint32_t key;
    memcpy(&key, bytes + offset, 4);
    uint64_t wide = (uint64_t)key << 32 | key;
    char *payload = bytes + offset + 4;
    size_t done = 0;
    for (; done + 8 <= length; done += 8) {
        uint64_t word;
        memcpy(&word, payload + done, 8);
        word ^= wide;
        memcpy(payload + done, &word, 8);
    }
    for (; done < length; done++) payload[done] ^= bytes[offset + done % 4];
    *frame = (struct websocket_frame){head[0] & 15, payload, length};
    return (ssize_t)(offset + 4 + length);
}

size_t websocket_header(char *to, unsigned opcode, size_t length) {
    to[0] = (char)(0x80 | opcode);
    if (length < 126) {
        to[1] = (char)length;
        return 2;
    }
    to[1] = 126;
    to[2] = (char)(length >> 8);
    to[3] = (char)length;
    return 4;
}
