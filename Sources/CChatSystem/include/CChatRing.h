// SPDX-License-Identifier: MIT
// io_uring without liburing: one submission and one completion queue, one ring of buffers to read into.
//
// All functions of a ring are for one thread, the one that enables it; only opening is free. Results below
// zero are -errno. Where the system's headers are too old, opening a ring says -ENOSYS.
#ifndef CHAT_RING_H
#define CHAT_RING_H

#if defined(__linux__)
#include <stddef.h>
#include <stdint.h>

/// A ring and its mapped memory.
typedef struct chat_ring chat_ring;

/// What became of a request.
typedef struct {
    /// What the request was given.
    uint64_t tag;
    /// Its result; below zero: -errno.
    int32_t result;
    /// The kernel's buffer, or below zero.
    int32_t buffer;
    /// Whether the same request will say more.
    uint8_t has_more;
} chat_completion;

/// `io_uring_setup`: a disabled ring for at least that many entries, and the mapped queues.
int chat_ring_open(uint32_t entries, uint32_t completions, chat_ring **ring);
/// Unmaps and closes; requests that are under way are cancelled by the kernel.
void chat_ring_close(chat_ring *ring);
/// Makes the calling thread the ring's.
int chat_ring_enable(chat_ring *ring);
/// The descriptor of the ring, for tests.
int chat_ring_descriptor(const chat_ring *ring);

/// Registers `count` (a power of two) buffers of `size` bytes at `base`; requests choose from them.
int chat_ring_provide(chat_ring *ring, void *base, uint32_t size, uint32_t count);
/// Puts a buffer that a completion named back; chat_ring_publish_buffers shows it to the kernel.
void chat_ring_give_back(chat_ring *ring, uint32_t buffer);
void chat_ring_publish_buffers(chat_ring *ring);

/// How many entries can be prepared before the next chat_ring_enter.
uint32_t chat_ring_free_entries(const chat_ring *ring);
/// How many entries are prepared and not submitted.
uint32_t chat_ring_prepared(const chat_ring *ring);

// Each of these takes one free entry; the caller has made sure that there is one.
/// Reports once that one of `events` (as of epoll), an error or a hang-up is there.
void chat_ring_prepare_poll(chat_ring *ring, int descriptor, uint32_t events, uint64_t tag);
/// Receives again and again into provided buffers.
void chat_ring_prepare_receive(chat_ring *ring, int descriptor, uint64_t tag);
/// Accepts again and again; the descriptors do not block and are not inherited.
void chat_ring_prepare_accept(chat_ring *ring, int descriptor, uint64_t tag);
/// Cancels the request that was given `target`; says nothing if that succeeds.
void chat_ring_prepare_cancel(chat_ring *ring, uint64_t target, uint64_t tag);
/// Cancels all that are under way.
void chat_ring_prepare_cancel_all(chat_ring *ring, uint64_t tag);
/// Sends now or not at all (EAGAIN); never SIGPIPE.
void chat_ring_prepare_send(
    chat_ring *ring, int descriptor, const void *bytes, size_t count, uint64_t tag);
/// Does nothing, for tests.
void chat_ring_prepare_nothing(chat_ring *ring, uint64_t tag);

/// `io_uring_enter`: submits what is prepared and takes in what is finished.
///
/// Waits for one completion at most `nanoseconds` (below zero: without end; 0: not at all).
/// Returns 0, -ETIME or -EINTR as well if nothing came.
int chat_ring_enter(chat_ring *ring, int64_t nanoseconds);
/// `io_uring_enter`: submits what is prepared, nothing else.
int chat_ring_submit(chat_ring *ring);
/// Whether chat_ring_enter would find anything: prepared entries, work of the kernel's, overflow.
int chat_ring_has_work(const chat_ring *ring);
/// Whether completions wait to be taken.
int chat_ring_has_completions(const chat_ring *ring);
/// Takes the oldest completion; 0 if there is none.
int chat_ring_take(chat_ring *ring, chat_completion *completion);
#endif

#endif
