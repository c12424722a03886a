// SPDX-License-Identifier: MIT
// The dynamic linker takes the executable's malloc before glibc's for every library of the process.
#define _GNU_SOURCE
#include "CAllocationCounter.h"

#if defined(__GLIBC__) || defined(__linux__)
#include <features.h>
#endif

#if defined(__GLIBC__)
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "sites.h"

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Atomic uint64_t counted;
static __thread bool is_excluded;

// Frames are found by their frame pointers, so the caller's own frame is needed: always inlined.
static inline __attribute__((always_inline)) void count(void) {
    if (is_excluded) return;
    uint64_t number = atomic_fetch_add_explicit(&counted, 1, memory_order_relaxed);
    sites_sample(number, __builtin_frame_address(0));
}

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    count();
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *valloc(size_t size) {
    count();
    return __libc_memalign(4096, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    count();
    // POSIX: a power of two and a multiple of the size of a pointer.
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    void *memory = __libc_memalign(alignment, size);
    if (memory == NULL) return ENOMEM;
    *result = memory;
    return 0;
}

bool allocations_are_counted(void) { return true; }
void allocations_exclude_thread(void) { is_excluded = true; }
uint64_t allocations_count(void) { return atomic_load_explicit(&counted, memory_order_relaxed); }

#else

bool allocations_are_counted(void) { return false; }
void allocations_exclude_thread(void) {}
uint64_t allocations_count(void) { return 0; }
void allocations_sample(uint32_t every) { (void)every; }
void allocations_sites(void (*body)(uint64_t, const char *)) { (void)body; }

#endif
