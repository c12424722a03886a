// SPDX-License-Identifier: MIT
// What Swift's Glibc module does not show: thin wrappers, no logic.
#ifndef CHAT_SYSTEM_H
#define CHAT_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

/// A number that names the calling thread while it lives.
uint64_t chat_thread_id(void);

/// Waits until there is something to read, at most that long; as poll (Linux: to the nanosecond).
int chat_wait_readable(int descriptor, int64_t nanoseconds);

/// How many processors are online.
int64_t chat_processor_count(void);

/// Lets other threads come before the calling one from now on; 0, or -1 where that is not possible.
int chat_thread_give_way(void);

/// The calling thread's niceness (Linux); 0 elsewhere.
int chat_thread_niceness(void);

/// Monotonic clock in nanoseconds (CLOCK_MONOTONIC).
int64_t chat_monotonic_nanoseconds(void);

/// Wall clock in milliseconds since 1970 (CLOCK_REALTIME).
int64_t chat_wall_milliseconds(void);

/// Fills `length` bytes (at most 256) from the kernel's random source; 0, or -1 with errno.
int chat_random(void *bytes, size_t length);

#if defined(__linux__)
#include "CChatRing.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

int chat_accept4(int descriptor, struct sockaddr *address, socklen_t *length);
int chat_eventfd(void);

/// Names the calling thread for debuggers (at most 15 bytes).
void chat_name_thread(const char *name);
#endif

#endif
