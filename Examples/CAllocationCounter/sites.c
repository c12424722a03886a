// SPDX-License-Identifier: MIT
// From where allocations are made: call stacks by frame pointers, named by the symbol tables.
#define _GNU_SOURCE
#if defined(__linux__)
#include <features.h>
#endif

#if defined(__GLIBC__)
#include "CAllocationCounter.h"
#include "sites.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH = 16, SITES = 4096 };

struct site {
    uint64_t count;
    void *frames[DEPTH];
};

static struct site sites[SITES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint32_t interval;

void allocations_sample(uint32_t every) { atomic_store(&interval, every); }

static void walk(void *frame, void *frames[DEPTH]) {
    uintptr_t here = (uintptr_t)frame;
    for (int depth = 0; depth < DEPTH && here != 0; depth++) {
        const uintptr_t *pair = (const uintptr_t *)here;
        if (pair[1] < 4096) return;
        frames[depth] = (void *)pair[1];
        // Frames go up the stack, each not far from the last; anything else is no frame.
        if (pair[0] <= here || pair[0] - here > (1 << 20) || pair[0] % 8 != 0) return;
        here = pair[0];
    }
}

void sites_sample(uint64_t number, void *frame) {
    uint32_t every = atomic_load_explicit(&interval, memory_order_relaxed);
    if (every == 0 || number % every != 0) return;
    void *frames[DEPTH] = {0};
    walk(frame, frames);
    uint64_t hash = 0;
    for (int depth = 0; depth < DEPTH; depth++) hash = hash * 31 + (uintptr_t)frames[depth];
    pthread_mutex_lock(&lock);
    for (uint64_t step = 0; step < SITES; step++) {
        struct site *site = &sites[(hash + step) % SITES];
        if (site->count == 0) memcpy(site->frames, frames, sizeof frames);
        if (memcmp(site->frames, frames, sizeof frames) != 0) continue;
        site->count++;
        break;
    }
    pthread_mutex_unlock(&lock);
}

// The program's own symbols, which the dynamic linker does not know.
static const ElfW(Ehdr) *program;
static const ElfW(Sym) *symbols;
static size_t symbol_count;
static const char *names;

static void read_program(void) {
    struct stat status;
    int file = open("/proc/self/exe", O_RDONLY);
    if (file < 0 || fstat(file, &status) != 0) return;
    program = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (program == MAP_FAILED) return;
    const char *base = (const char *)program;
    const ElfW(Shdr) *sections = (const ElfW(Shdr) *)(base + program->e_shoff);
    for (int index = 0; index < program->e_shnum; index++) {
        if (sections[index].sh_type != SHT_SYMTAB) continue;
        symbols = (const ElfW(Sym) *)(base + sections[index].sh_offset);
        symbol_count = sections[index].sh_size / sizeof(ElfW(Sym));
        names = base + sections[sections[index].sh_link].sh_offset;
    }
}

static const char *name_in_program(uintptr_t address) {
    for (size_t index = 0; index < symbol_count; index++) {
        const ElfW(Sym) *symbol = &symbols[index];
        if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC) continue;
        if (address - symbol->st_value < symbol->st_size) return names + symbol->st_name;
    }
    return NULL;
}

static int describe(char *text, size_t room, void *frame) {
    Dl_info info;
    // The address is the one returned to: the call is before it.
    uintptr_t address = (uintptr_t)frame - 1;
    if (dladdr((void *)address, &info) == 0) return snprintf(text, room, "    %p\n", frame);
    uintptr_t base = (uintptr_t)info.dli_fbase;
    const char *name = name_in_program(address - base);
    if (name == NULL || info.dli_sname != NULL) name = info.dli_sname;
    return snprintf(text, room, "    %s\n", name ? name : info.dli_fname);
}

static int by_count(const void *left, const void *right) {
    uint64_t a = ((const struct site *)left)->count, b = ((const struct site *)right)->count;
    return a < b ? 1 : a > b ? -1 : 0;
}

void allocations_sites(void (*body)(uint64_t count, const char *stack)) {
    allocations_sample(0);
    if (program == NULL) read_program();
    pthread_mutex_lock(&lock);
    qsort(sites, SITES, sizeof sites[0], by_count);
    for (int index = 0; index < SITES && sites[index].count > 0; index++) {
        char text[DEPTH * 256];
        size_t length = 0;
        text[0] = 0;
        for (int depth = 0; depth < DEPTH && sites[index].frames[depth] != NULL; depth++) {
            if (sizeof text - length < 300) break;
            int added = describe(text + length, 256, sites[index].frames[depth]);
            length += added < 256 ? (size_t)added : 255;
        }
        body(sites[index].count, text);
    }
    pthread_mutex_unlock(&lock);
}
#endif
