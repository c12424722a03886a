// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "CChatRing.h"

#if defined(__linux__)
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_include)
#if __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>
#endif
#endif

// Headers of Linux 6.1 or later.
#if defined(IORING_SETUP_DEFER_TASKRUN) && defined(IORING_RECV_MULTISHOT)

enum { buffer_group = 0 };

struct chat_ring {
    int descriptor;
    // Submission: the kernel moves the head, we move the tail.
    uint32_t *sq_head, *sq_tail, *sq_flags;
    uint32_t sq_entries, sq_mask, tail;
    struct io_uring_sqe *entries;
    // Completion: the other way round.
    uint32_t *cq_head, *cq_tail;
    uint32_t cq_mask;
    struct io_uring_cqe *completions;
    void *queues;
    size_t queues_bytes, entries_bytes;
    // Buffers.
    struct io_uring_buf_ring *buffers;
    size_t buffers_bytes;
    char *buffer_base;
    uint32_t buffer_size, buffer_mask;
    uint16_t buffer_tail;
};

static int enter(
    const chat_ring *ring, uint32_t submit, uint32_t wait, uint32_t flags,
    struct io_uring_getevents_arg *argument) {
    long result = syscall(
        __NR_io_uring_enter, ring->descriptor, submit, wait, flags, argument,
        argument ? sizeof *argument : 0);
    return result < 0 ? -errno : (int)result;
}

// Memory that is shared with the kernel; a child process must not share it as well. NULL with errno.
static void *map_shared(size_t bytes, int flags, int descriptor, off_t offset) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, descriptor, offset);
    if (memory == MAP_FAILED) return NULL;
    // Where that is not possible a child has it; it has no use for it.
    (void)madvise(memory, bytes, MADV_DONTFORK);
    return memory;
}

static int map(chat_ring *ring, const struct io_uring_params *params) {
    size_t submission = params->sq_off.array + params->sq_entries * sizeof(uint32_t);
    size_t completion = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
    const int flags = MAP_SHARED | MAP_POPULATE;
    ring->queues_bytes = submission > completion ? submission : completion;
    ring->entries_bytes = params->sq_entries * sizeof(struct io_uring_sqe);
    ring->queues = map_shared(ring->queues_bytes, flags, ring->descriptor, IORING_OFF_SQ_RING);
    if (ring->queues == NULL) return -errno;
    ring->entries = map_shared(ring->entries_bytes, flags, ring->descriptor, IORING_OFF_SQES);
    if (ring->entries == NULL) return -errno;
    char *base = ring->queues;
    ring->sq_head = (uint32_t *)(base + params->sq_off.head);
    ring->sq_tail = (uint32_t *)(base + params->sq_off.tail);
    ring->sq_flags = (uint32_t *)(base + params->sq_off.flags);
    ring->sq_entries = params->sq_entries;
    ring->sq_mask = params->sq_entries - 1;
    ring->cq_head = (uint32_t *)(base + params->cq_off.head);
    ring->cq_tail = (uint32_t *)(base + params->cq_off.tail);
    ring->cq_mask = params->cq_entries - 1;
    ring->completions = (struct io_uring_cqe *)(base + params->cq_off.cqes);
    // Entry n is always at place n: the table of places is filled once.
    uint32_t *places = (uint32_t *)(base + params->sq_off.array);
    for (uint32_t index = 0; index < params->sq_entries; index++) places[index] = index;
    return 0;
}

int chat_ring_open(uint32_t entries, uint32_t completions, chat_ring **result) {
    // One thread submits and takes, and the kernel does its part only when that thread asks for
    // completions: Linux 6.1. An older kernel says EINVAL.
    const uint32_t needed = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG;
    struct io_uring_params params;
    memset(&params, 0, sizeof params);
    params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_R_DISABLED |
        IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
        IORING_SETUP_TASKRUN_FLAG;
    params.cq_entries = completions;
    long descriptor = syscall(__NR_io_uring_setup, entries, &params);
    if (descriptor < 0) return -errno;
    chat_ring *ring = calloc(1, sizeof *ring);
    if (ring == NULL) {
        close((int)descriptor);
        return -ENOMEM;
    }
    ring->descriptor = (int)descriptor;
    int code = (params.features & needed) == needed ? map(ring, &params) : -EINVAL;
    if (code < 0) {
        chat_ring_close(ring);
        return code;
    }
    *result = ring;
    return 0;
}

void chat_ring_close(chat_ring *ring) {
    close(ring->descriptor);
    if (ring->queues != NULL) munmap(ring->queues, ring->queues_bytes);
    if (ring->entries != NULL) munmap(ring->entries, ring->entries_bytes);
    if (ring->buffers != NULL) munmap(ring->buffers, ring->buffers_bytes);
    free(ring);
}

int chat_ring_enable(chat_ring *ring) {
    long result =
        syscall(__NR_io_uring_register, ring->descriptor, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
    return result < 0 ? -errno : 0;
}

int chat_ring_descriptor(const chat_ring *ring) { return ring->descriptor; }

// MARK: Buffers

int chat_ring_provide(chat_ring *ring, void *base, uint32_t size, uint32_t count) {
    ring->buffers_bytes = count * sizeof(struct io_uring_buf);
    ring->buffers = map_shared(ring->buffers_bytes, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (ring->buffers == NULL) return -errno;
    struct io_uring_buf_reg registration = {
        .ring_addr = (uint64_t)(uintptr_t)ring->buffers,
        .ring_entries = count,
        .bgid = buffer_group};
    long result = syscall(
        __NR_io_uring_register, ring->descriptor, IORING_REGISTER_PBUF_RING, &registration, 1);
    if (result < 0) return -errno;
    ring->buffer_base = base;
    ring->buffer_size = size;
    ring->buffer_mask = count - 1;
    for (uint32_t index = 0; index < count; index++) chat_ring_give_back(ring, index);
    chat_ring_publish_buffers(ring);
    return 0;
}

void chat_ring_give_back(chat_ring *ring, uint32_t buffer) {
    // Field by field: the last one of the first place is the tail.
    struct io_uring_buf *place = &ring->buffers->bufs[ring->buffer_tail & ring->buffer_mask];
    place->addr = (uint64_t)(uintptr_t)(ring->buffer_base + (size_t)buffer * ring->buffer_size);
    place->len = ring->buffer_size;
    place->bid = (uint16_t)buffer;
    ring->buffer_tail++;
}

void chat_ring_publish_buffers(chat_ring *ring) {
    __atomic_store_n(&ring->buffers->tail, ring->buffer_tail, __ATOMIC_RELEASE);
}

// MARK: Submission

uint32_t chat_ring_prepared(const chat_ring *ring) {
    return ring->tail - __atomic_load_n(ring->sq_head, __ATOMIC_ACQUIRE);
}

uint32_t chat_ring_free_entries(const chat_ring *ring) {
    return ring->sq_entries - chat_ring_prepared(ring);
}

static struct io_uring_sqe *prepare(
    chat_ring *ring, uint8_t operation, int descriptor, uint64_t tag) {
    struct io_uring_sqe *entry = &ring->entries[ring->tail & ring->sq_mask];
    memset(entry, 0, sizeof *entry);
    entry->opcode = operation;
    entry->fd = descriptor;
    entry->user_data = tag;
    ring->tail++;
    return entry;
}

void chat_ring_prepare_poll(chat_ring *ring, int descriptor, uint32_t events, uint64_t tag) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    events = events << 16 | events >> 16;
#endif
    prepare(ring, IORING_OP_POLL_ADD, descriptor, tag)->poll32_events = events;
}

void chat_ring_prepare_receive(chat_ring *ring, int descriptor, uint64_t tag) {
    struct io_uring_sqe *entry = prepare(ring, IORING_OP_RECV, descriptor, tag);
    entry->ioprio = IORING_RECV_MULTISHOT;
    entry->flags = IOSQE_BUFFER_SELECT;
    entry->buf_group = buffer_group;
}

void chat_ring_prepare_accept(chat_ring *ring, int descriptor, uint64_t tag) {
    struct io_uring_sqe *entry = prepare(ring, IORING_OP_ACCEPT, descriptor, tag);
    entry->ioprio = IORING_ACCEPT_MULTISHOT;
    entry->accept_flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
}

void chat_ring_prepare_cancel(chat_ring *ring, uint64_t target, uint64_t tag) {
    struct io_uring_sqe *entry = prepare(ring, IORING_OP_ASYNC_CANCEL, -1, tag);
    entry->addr = target;
    entry->flags = IOSQE_CQE_SKIP_SUCCESS;
}

void chat_ring_prepare_cancel_all(chat_ring *ring, uint64_t tag) {
    prepare(ring, IORING_OP_ASYNC_CANCEL, -1, tag)->cancel_flags =
        IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL;
}

void chat_ring_prepare_send(
    chat_ring *ring, int descriptor, const void *bytes, size_t count, uint64_t tag) {
    struct io_uring_sqe *entry = prepare(ring, IORING_OP_SEND, descriptor, tag);
    entry->addr = (uint64_t)(uintptr_t)bytes;
    // A longer one is written in part, which the caller goes on from.
    entry->len = count > INT32_MAX ? INT32_MAX : (uint32_t)count;
    entry->msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL;
}

void chat_ring_prepare_nothing(chat_ring *ring, uint64_t tag) {
    prepare(ring, IORING_OP_NOP, -1, tag);
}

int chat_ring_submit(chat_ring *ring) {
    uint32_t count = chat_ring_prepared(ring);
    if (count == 0) return 0;
    __atomic_store_n(ring->sq_tail, ring->tail, __ATOMIC_RELEASE);
    return enter(ring, count, 0, 0, NULL);
}

int chat_ring_enter(chat_ring *ring, int64_t nanoseconds) {
    struct __kernel_timespec time = {
        .tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    struct io_uring_getevents_arg argument = {
        .ts = nanoseconds > 0 ? (uint64_t)(uintptr_t)&time : 0};
    uint32_t count = chat_ring_prepared(ring);
    __atomic_store_n(ring->sq_tail, ring->tail, __ATOMIC_RELEASE);
    return enter(
        ring, count, nanoseconds == 0 ? 0 : 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
        &argument);
}

// MARK: Completion

int chat_ring_has_work(const chat_ring *ring) {
    uint32_t flags = __atomic_load_n(ring->sq_flags, __ATOMIC_RELAXED);
    return (flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0 ||
        chat_ring_prepared(ring) > 0;
}

int chat_ring_has_completions(const chat_ring *ring) {
    return *ring->cq_head != __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE);
}

int chat_ring_take(chat_ring *ring, chat_completion *completion) {
    uint32_t head = *ring->cq_head;
    if (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE)) return 0;
    const struct io_uring_cqe *entry = &ring->completions[head & ring->cq_mask];
    completion->tag = entry->user_data;
    completion->result = entry->res;
    completion->has_more = (entry->flags & IORING_CQE_F_MORE) != 0;
    completion->buffer = (entry->flags & IORING_CQE_F_BUFFER) != 0
        ? (int32_t)(entry->flags >> IORING_CQE_BUFFER_SHIFT)
        : -1;
    __atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
    return 1;
}

#else

// The system's headers do not know what is needed: no ring can be opened, so nothing else is called.
int chat_ring_open(uint32_t entries, uint32_t completions, chat_ring **ring) { return -ENOSYS; }
void chat_ring_close(chat_ring *ring) {}
int chat_ring_enable(chat_ring *ring) { return -ENOSYS; }
int chat_ring_descriptor(const chat_ring *ring) { return -1; }
int chat_ring_provide(chat_ring *ring, void *base, uint32_t size, uint32_t count) { return -ENOSYS; }
void chat_ring_give_back(chat_ring *ring, uint32_t buffer) {}
void chat_ring_publish_buffers(chat_ring *ring) {}
uint32_t chat_ring_free_entries(const chat_ring *ring) { return 0; }
uint32_t chat_ring_prepared(const chat_ring *ring) { return 0; }
void chat_ring_prepare_poll(chat_ring *ring, int descriptor, uint32_t events, uint64_t tag) {}
void chat_ring_prepare_receive(chat_ring *ring, int descriptor, uint64_t tag) {}
void chat_ring_prepare_accept(chat_ring *ring, int descriptor, uint64_t tag) {}
void chat_ring_prepare_cancel(chat_ring *ring, uint64_t target, uint64_t tag) {}
void chat_ring_prepare_cancel_all(chat_ring *ring, uint64_t tag) {}
void chat_ring_prepare_send(
    chat_ring *ring, int descriptor, const void *bytes, size_t count, uint64_t tag) {}
void chat_ring_prepare_nothing(chat_ring *ring, uint64_t tag) {}
int chat_ring_enter(chat_ring *ring, int64_t nanoseconds) { return -ENOSYS; }
int chat_ring_submit(chat_ring *ring) { return -ENOSYS; }
int chat_ring_has_work(const chat_ring *ring) { return 0; }
int chat_ring_has_completions(const chat_ring *ring) { return 0; }
int chat_ring_take(chat_ring *ring, chat_completion *completion) { return 0; }

#endif
#endif
