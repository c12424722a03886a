// SPDX-License-Identifier: MIT
// Counts allocations: whoever links this has its malloc replaced by one that counts and forwards to glibc's.
#ifndef CHAT_ALLOCATION_COUNTER_H
#define CHAT_ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/// Whether this system's malloc can be replaced that way (glibc).
bool allocations_are_counted(void);

/// What the calling thread allocates from now on is not counted: for whoever measures.
void allocations_exclude_thread(void);

/// How often malloc, calloc, realloc, posix_memalign, aligned_alloc, memalign or valloc has been called.
uint64_t allocations_count(void);

/// From now on remembers from where allocations are made; `every` of them one is looked at, 0 for none.
void allocations_sample(uint32_t every);

/// Calls `body` for each remembered call stack, the most frequent first, as text: one line per frame.
void allocations_sites(void (*body)(uint64_t count, const char *stack));

#endif
