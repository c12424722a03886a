// SPDX-License-Identifier: MIT
#ifndef CHAT_ALLOCATION_SITES_H
#define CHAT_ALLOCATION_SITES_H

#include <stdint.h>

/// Remembers who called, if this allocation is one of those that are looked at. Allocates nothing.
void sites_sample(uint64_t number, void *frame);

#endif
