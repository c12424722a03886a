// SPDX-License-Identifier: MIT
// As much of RFC 6455 as a relay needs. No function keeps anything or allocates.
#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Looks for a whole upgrade request at the beginning of `bytes`.
/// Writes the answer (at most 160 bytes with its NUL) and points `path` into the request.
/// Returns the bytes that the request takes, 0 if it is not complete, -1 if it is none.
ssize_t websocket_accept(const char *bytes, size_t count, char *answer, const char **path, size_t *path_length);

enum { WEBSOCKET_TEXT = 1, WEBSOCKET_BINARY = 2, WEBSOCKET_CLOSE = 8, WEBSOCKET_PING = 9 };

struct websocket_frame {
    unsigned opcode;
    char *payload; // unmasked, in place
    size_t length;
};

/// Takes the frame at the beginning of `bytes` and unmasks it there.
/// Returns the bytes it takes, 0 if it is not complete, -1 if a client must not send it (or we cannot take it).
ssize_t websocket_next(char *bytes, size_t count, struct websocket_frame *frame);

/// Writes the header of an unmasked frame (at most 10 bytes); returns its length.
size_t websocket_header(char *to, unsigned opcode, size_t length);

#endif
