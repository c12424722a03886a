// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "CChatSystem.h"

#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

uint64_t chat_thread_id(void) { return (uint64_t)(uintptr_t)pthread_self(); }

int chat_wait_readable(int descriptor, int64_t nanoseconds) {
    struct pollfd watched = {.fd = descriptor, .events = POLLIN};
#if defined(__linux__)
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    return ppoll(&watched, 1, &time, NULL);
#else
    return poll(&watched, 1, (int)(nanoseconds / 1000000));
#endif
}

int64_t chat_processor_count(void) { return sysconf(_SC_NPROCESSORS_ONLN); }

#if defined(__APPLE__)
int chat_thread_give_way(void) {
    return pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0) == 0 ? 0 : -1;
}

int chat_thread_niceness(void) { return 0; }
#else
// Of Linux, where niceness is a thread's and 0 is the calling one.
int chat_thread_give_way(void) {
    // Far enough to be interrupted at once, and not so far that it never runs on a machine that is busy.
    const int wanted = 10;
    if (getpriority(PRIO_PROCESS, 0) >= wanted) return 0;
    return setpriority(PRIO_PROCESS, 0, wanted);
}

int chat_thread_niceness(void) { return getpriority(PRIO_PROCESS, 0); }
#endif

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
