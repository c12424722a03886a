// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "CChatSystem.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

uint64_t chat_thread_id(void) { return (uint64_t)(uintptr_t)pthread_self(); }

int64_t chat_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t chat_wall_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int chat_random(void *bytes, size_t length) { return getentropy(bytes, length); }

#if defined(__linux__)
int chat_accept4(int descriptor, struct sockaddr *address, socklen_t *length) {
    return accept4(descriptor, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void chat_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int chat_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
#endif
